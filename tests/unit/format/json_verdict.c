/* For json_reference.py: decodes the lines of standard input in the way the arguments say and
 * prints what became of each record, "good" with column v as JSON, or "bad" with the code.
 *     json_verdict ISA STRICT ROWS RUN_SIZE */
#include "format/json_support.h"

static struct weir_slice read_all(void)
{
    static char *data;
    size_t size = 0, capacity = 1 << 16, got;
    data = malloc(capacity);
    while (data && (got = fread(data + size, 1, capacity - size, stdin)) > 0) {
        size += got;
        if (size == capacity)
            data = realloc(data, capacity *= 2);
    }
    return weir_slice_make(data, size);
}

int main(int argc, char **argv)
{
    struct support_table table = {0};
    struct support_result result;
    if (argc != 5)
        return 2;
    struct support_settings settings = {.isa = (int)strtol(argv[1], NULL, 10),
                                        .strict_only = argv[2][0] == '1',
                                        .rows_max = (uint32_t)strtoul(argv[3], NULL, 10),
                                        .run_size = strtoul(argv[4], NULL, 10),
                                        .brief = true};
    support_add(&table, "v", weir_type_of(WEIR_TYPE_JSON));
    support_decode(&table, &settings, read_all(), &result);
    if (result.status != WEIR_OK) {
        fprintf(stderr, "%s\n", result.error.message);
        return 1;
    }
    printf("%.*s--\n%.*s", WEIR_SLICE_ARGS(result.rows), WEIR_SLICE_ARGS(result.bad));
    support_result_deinit(&result);
    return 0;
}
