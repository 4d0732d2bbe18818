/* CPU time per record of the JSON decoder and encoder over a file.
 *
 *     bench_json [--isa 0|1|2] [--strict] [--rows N] [--runs N] [--encode] FILE name:type …
 *
 * Decodes the named columns of the whole file, run after run of 256 KiB as a file source would hand
 * them over (copied to one buffer first, untimed, as read does), and prints the least CPU time of
 * --runs passes, with a calibration pass over the same bytes (the index of quotes and newlines).
 * --encode also writes every batch back as JSON. A checksum of the values is printed, so that two
 * programs can be compared. */
#include "format/json_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { COLUMNS_MAX = 64, RUN_SIZE = 256 << 10 };

struct bench {
    struct weir_decode_field fields[COLUMNS_MAX];
    struct weir_field schema_fields[COLUMNS_MAX];
    struct weir_schema schema;
    char *text;
    size_t size;
    int isa;
    int runs;
    uint32_t rows_max;
    bool strict;
    bool encode;
};

static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static const struct weir_type *type_of(const char *name)
{
    static const struct {
        const char *name;
        enum weir_type_kind kind;
    } types[] = {{"bigint", WEIR_TYPE_INT64},    {"int", WEIR_TYPE_INT32},
                 {"double", WEIR_TYPE_FLOAT64},  {"text", WEIR_TYPE_TEXT},
                 {"boolean", WEIR_TYPE_BOOLEAN}, {"timestamp", WEIR_TYPE_TIMESTAMP},
                 {"decimal", WEIR_TYPE_DECIMAL}, {"json", WEIR_TYPE_JSON}};
    for (size_t i = 0; i < WEIR_COUNT_OF(types); i++)
        if (strcmp(types[i].name, name) == 0)
            return weir_type_of(types[i].kind);
    fprintf(stderr, "no such type: %s\n", name);
    exit(2);
}

/* name:type, or $.path:type. */
static void add_column(struct bench *bench, char *spec)
{
    char *colon = strrchr(spec, ':');
    if (!colon || bench->schema.fields_count == COLUMNS_MAX)
        exit(2);
    *colon = '\0';
    uint32_t at = bench->schema.fields_count++;
    struct weir_slice name = weir_slice_from_string(spec);
    bench->fields[at] =
        (struct weir_decode_field){.name = name, .type = type_of(colon + 1), .nullable = true};
    if (spec[0] == '$')
        bench->fields[at].path = name;
    bench->schema_fields[at] =
        (struct weir_field){.name = name, .type = bench->fields[at].type, .nullable = true};
    bench->schema.fields = bench->schema_fields;
}

static void read_file(struct bench *bench, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(1);
    }
    fseek(file, 0, SEEK_END);
    bench->size = (size_t)ftell(file);
    rewind(file);
    bench->text = malloc(bench->size + WEIR_FORMAT_PADDING);
    if (!bench->text || fread(bench->text, 1, bench->size, file) != bench->size)
        exit(1);
    memset(bench->text + bench->size, 0, WEIR_FORMAT_PADDING);
    fclose(file);
}

static enum weir_status count_bad(void *context, const struct weir_bad_record *record,
                                  struct weir_error *error)
{
    (void)record;
    (void)error;
    ++*(uint64_t *)context;
    return WEIR_OK;
}

static uint64_t checksum(const struct weir_batch *batch, uint64_t sum)
{
    for (uint32_t c = 0; c < batch->schema->fields_count; c++) {
        const struct weir_column *column = &batch->columns[c];
        for (uint32_t row = 0; row < batch->rows_count; row += 97) {
            uint64_t hash = 0;
            weir_column_hash(column, (const uint16_t[]){(uint16_t)row}, 1, 1, false, &hash);
            sum = sum * 31 + hash;
        }
    }
    return sum;
}

struct totals {
    uint64_t rows, bad, sum, fast, strict, bytes_out;
    double decode_s, encode_s;
};

static void fail(const struct weir_error *error)
{
    fprintf(stderr, "error: %s\n", error->message);
    exit(1);
}

static void pass(const struct bench *bench, bool sum, struct totals *totals)
{
    struct weir_error error;
    struct weir_decoder_config config = {.fields = bench->fields,
                                         .fields_count = bench->schema.fields_count,
                                         .schema = &bench->schema,
                                         .isa_limit = bench->isa,
                                         .strict_only = bench->strict};
    struct weir_encoder_config encoder_config = {.schema = &bench->schema};
    const struct weir_format *format = weir_format_find(weir_slice_from_string("json"));
    void *decoder, *encoder;
    struct weir_buffer out;
    struct weir_batch *batch = weir_batch_create(&bench->schema, NULL);
    *totals = (struct totals){0};
    weir_buffer_init(&out, NULL);
    if (!batch || format->decoder->create(&config, &decoder, &error) != WEIR_OK ||
        format->encoder->create(&encoder_config, &encoder, &error) != WEIR_OK)
        fail(&error);
    size_t begin = 0;
    static char buffer[RUN_SIZE + WEIR_FORMAT_PADDING];
    while (begin < bench->size) {
        size_t size = bench->size - begin < RUN_SIZE ? bench->size - begin : RUN_SIZE;
        memcpy(buffer, bench->text + begin, size); /* what read() does for a source */
        struct weir_decode_run run = {.bytes = weir_slice_make(buffer, size),
                                      .end_of_input = begin + size == bench->size,
                                      .rows_max = bench->rows_max,
                                      .bad = count_bad,
                                      .bad_context = &totals->bad};
        double t0 = cpu_s();
        if (weir_batch_renew(&batch, NULL, NULL, &error) != WEIR_OK)
            fail(&error);
        run.batch = batch;
        if (format->decoder->decode(decoder, &run, &error) != WEIR_OK)
            fail(&error);
        double t1 = cpu_s();
        totals->decode_s += t1 - t0;
        begin += run.consumed_size;
        totals->rows += batch->rows_count;
        if (sum)
            totals->sum = checksum(batch, totals->sum);
        if (bench->encode) {
            weir_buffer_clear(&out);
            t0 = cpu_s();
            if (format->encoder->encode(encoder, batch, &out, &error) != WEIR_OK)
                fail(&error);
            totals->encode_s += cpu_s() - t0;
            totals->bytes_out += out.size;
        }
    }
    struct weir_decoder_stats stats = format->decoder->stats(decoder);
    totals->fast = stats.fast_records;
    totals->strict = stats.strict_records;
    format->decoder->destroy(decoder);
    format->encoder->destroy(encoder);
    weir_batch_release(batch);
    weir_buffer_deinit(&out);
}

/* The index alone, over the same bytes. */
static double calibrate(const struct bench *bench)
{
    static uint16_t index[JSON_CHUNK_SIZE + 128];
    static uint32_t doubts[JSON_CHUNK_SIZE + 128];
    static uint64_t doubt_bits[JSON_CHUNK_SIZE / 64 + 2];
    enum weir_isa isa;
    const struct json_kernels *kernels = weir_json_kernels_choose(bench->isa, &isa);
    struct json_chunk chunk = {.index = index, .doubts = doubts, .doubt_bits = doubt_bits};
    static char buffer[JSON_CHUNK_SIZE + WEIR_FORMAT_PADDING];
    double took = 0;
    chunk.text = chunk.ahead = buffer;
    for (size_t at = 0; at < bench->size; at += JSON_CHUNK_SIZE) {
        size_t left = bench->size - at;
        chunk.size = (uint32_t)(left < JSON_CHUNK_SIZE ? left : JSON_CHUNK_SIZE);
        memcpy(buffer, bench->text + at, chunk.size);
        double t0 = cpu_s();
        kernels->index(&chunk);
        took += cpu_s() - t0;
    }
    return took;
}

static void print(const struct bench *bench, const struct totals *best, double index_s)
{
    double rows = (double)(best->rows + best->bad ? best->rows + best->bad : 1);
    printf("decode %.1f ns/record (%.2f GB/s), index alone %.1f ns, fast path %.2f %%",
           best->decode_s / rows * 1e9, (double)bench->size / best->decode_s * 1e-9,
           index_s / rows * 1e9,
           100.0 * (double)best->fast / (double)(best->fast + best->strict + 1));
    if (bench->encode)
        printf(", encode %.1f ns/record (%.0f bytes)", best->encode_s / rows * 1e9,
               (double)best->bytes_out / rows);
    printf(", rows %llu, bad %llu, checksum %016llx\n", (unsigned long long)best->rows,
           (unsigned long long)best->bad, (unsigned long long)best->sum);
}

int main(int argc, char **argv)
{
    static struct bench bench;
    bench.isa = WEIR_ISA_AVX512;
    bench.runs = 5;
    bench.rows_max = WEIR_BATCH_ROWS_MAX;
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strcmp(argv[i], "--strict") == 0)
            bench.strict = true;
        else if (strcmp(argv[i], "--encode") == 0)
            bench.encode = true;
        else if (i + 1 < argc && strcmp(argv[i], "--isa") == 0)
            bench.isa = (int)strtol(argv[++i], NULL, 10);
        else if (i + 1 < argc && strcmp(argv[i], "--runs") == 0)
            bench.runs = (int)strtol(argv[++i], NULL, 10);
        else if (i + 1 < argc && strcmp(argv[i], "--rows") == 0)
            bench.rows_max = (uint32_t)strtoul(argv[++i], NULL, 10);
    }
    if (i >= argc) {
        fprintf(stderr, "usage: bench_json [options] FILE name:type ...\n");
        return 2;
    }
    read_file(&bench, argv[i++]);
    for (; i < argc; i++)
        add_column(&bench, argv[i]);
    struct totals best = {.decode_s = 1e9, .encode_s = 1e9}, now;
    double index_s = 1e9;
    uint64_t sum = 0;
    for (int run = 0; run < bench.runs; run++) {
        pass(&bench, run == 0, &now);
        sum = run == 0 ? now.sum : sum;
        double decode_s = now.decode_s < best.decode_s ? now.decode_s : best.decode_s;
        double encode_s = now.encode_s < best.encode_s ? now.encode_s : best.encode_s;
        best = now;
        best.decode_s = decode_s;
        best.encode_s = encode_s;
        double index_now = calibrate(&bench);
        index_s = index_now < index_s ? index_now : index_s;
    }
    best.sum = sum;
    print(&bench, &best, index_s);
    free(bench.text);
    return 0;
}
