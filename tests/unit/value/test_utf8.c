/* UTF-8 against Python's decoder, against a checker written from the table of RFC 3629 section 4,
 * and each instruction set against the others. */
#include "value/utf8.h"
#include "vectors.h"

/* The table itself: lead range, then ranges of the bytes that follow. */
static const struct {
    unsigned char low, high, second_low, second_high;
    size_t size;
} forms[] = {{0x00, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
             {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
             {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4}};

static size_t form_size(const unsigned char *at, size_t rest)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (*at < forms[i].low || *at > forms[i].high || rest < forms[i].size)
            continue;
        if (forms[i].size > 1 && (at[1] < forms[i].second_low || at[1] > forms[i].second_high))
            return 0;
        for (size_t j = 2; j < forms[i].size; j++)
            if (at[j] < 0x80 || at[j] > 0xBF)
                return 0;
        return forms[i].size;
    }
    return 0;
}

static size_t reference_first_invalid(const char *data, size_t size)
{
    size_t at = 0;
    while (at < size) {
        size_t used = form_size((const unsigned char *)data + at, size - at);
        if (!used)
            return at;
        at += used;
    }
    return size;
}

static enum weir_isa best(void)
{
    return weir_isa_detect(WEIR_ISA_AVX512);
}

/* The bytes stand in a heap block of their own size, so that ASan sees a read beyond. */
static void check(const char *data, size_t size, size_t want)
{
    char *copy = malloc(size ? size : 1);
    if (size)
        memcpy(copy, data, size);
    for (enum weir_isa isa = WEIR_ISA_SCALAR; isa <= best(); isa++) {
        size_t got = weir_utf8_first_invalid(isa, copy, size);
        if (got != want || weir_utf8_is_valid(isa, copy, size) != (want == size)) {
            EXPECT_STRING(weir_isa_name(isa), "right about");
            for (size_t i = 0; i < size; i++)
                fprintf(stderr, "%02x", (unsigned char)copy[i]);
            fprintf(stderr, " got %zu want %zu\n", got, want);
        }
    }
    free(copy);
}

static void agrees_with_python(void)
{
    struct vectors v;
    char bytes[1024];
    if (!vectors_open(&v, "utf8.tsv"))
        return;
    while (vectors_next(&v)) {
        size_t size = 0;
        for (size_t i = 0; i + 1 < v.fields[0].size && size < sizeof bytes; i += 2) {
            unsigned byte;
            sscanf(v.fields[0].data + i, "%2x", &byte);
            bytes[size++] = (char)byte;
        }
        check(bytes, size, (size_t)atol(v.fields[1].data));
    }
    EXPECT(v.lines > 800);
}

/* Every sequence of up to three bytes from 0x80 on, each in the middle of ASCII, across the borders
 * of blocks. */
static void knows_all_short_sequences(void)
{
    char block[192];
    for (unsigned first = 0x80; first < 0x100; first++)
        for (unsigned second = 0x70; second < 0x100; second += second < 0x80 ? 8 : 1) {
            memset(block, 'a', sizeof block);
            size_t at = 28 + (first + second) % 40;
            block[at] = (char)first;
            block[at + 1] = (char)second;
            check(block, sizeof block, reference_first_invalid(block, sizeof block));
            for (unsigned third = 0x78; third <= 0xC8; third += 8) {
                block[at + 2] = (char)third;
                check(block, sizeof block, reference_first_invalid(block, sizeof block));
                block[at + 3] = (char)0x80;
                check(block, sizeof block, reference_first_invalid(block, sizeof block));
                block[at + 3] = 'a';
            }
        }
}

static void survives_mutations(void)
{
    uint64_t state = 7;
    char block[400];
    for (int round = 0; round < 30000; round++) {
        size_t size = 0;
        state = state * 6364136223846793005U + 1442695040888963407U;
        size_t want_size = state >> 33 & 255;
        while (size < want_size) {
            state = state * 6364136223846793005U + 1442695040888963407U;
            uint32_t point = (uint32_t)(state >> 40) % (state >> 60 < 6 ? 0x80 : 0x110000);
            size += weir_utf8_encode(point, block + size);
        }
        check(block, size, size);
        if (size) {
            block[(state >> 20) % size] = (char)(state >> 50);
            check(block, size, reference_first_invalid(block, size));
            size_t cut = (state >> 10) % size;
            check(block, cut, reference_first_invalid(block, cut));
        }
    }
}

static void encodes_and_decodes_all(void)
{
    char bytes[WEIR_UTF8_SIZE];
    for (uint32_t point = 0; point < 0x110100; point++) {
        size_t size = weir_utf8_encode(point, bytes), used = 0;
        bool exists = point < 0x110000 && (point < 0xD800 || point > 0xDFFF);
        if ((size != 0) != exists ||
            (exists && (weir_utf8_decode(bytes, size, &used) != point || used != size))) {
            EXPECT_INT(point, -1);
            return;
        }
    }
    size_t used;
    EXPECT_INT(weir_utf8_decode("\xC0\x80", 2, &used), 0xFFFD);
    EXPECT_INT(used, 1);
    EXPECT_INT(weir_utf8_decode("\xED\xA0\x80", 3, &used), 0xFFFD);
}

static void counts_characters(void)
{
    struct weir_slice text = weir_slice_from_string("aé€😀 and some plain text behind it é");
    EXPECT_INT(weir_utf8_count(text), 36 - 0);
    EXPECT_INT(weir_utf8_offset(text, 0), 0);
    EXPECT_INT(weir_utf8_offset(text, 1), 1);
    EXPECT_INT(weir_utf8_offset(text, 2), 3);
    EXPECT_INT(weir_utf8_offset(text, 4), 10);
    EXPECT_INT(weir_utf8_offset(text, 100), text.size);
    EXPECT_SLICE(weir_utf8_prefix(text, 4), "aé€😀");
    EXPECT_INT(weir_utf8_suffix_size(text, 1), 2);
    EXPECT_INT(weir_utf8_suffix_size(text, 2), 3);
    EXPECT_INT(weir_utf8_suffix_size(text, 1000), text.size);
    for (size_t n = 0; n <= 36; n++)
        EXPECT_INT(weir_utf8_count(weir_utf8_prefix(text, n)), n);
    EXPECT(weir_utf8_is_ascii("plain", 5) && !weir_utf8_is_ascii("plain\x80", 6));
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(agrees_with_python), TEST_CASE(knows_all_short_sequences),
        TEST_CASE(survives_mutations), TEST_CASE(encodes_and_decodes_all),
        TEST_CASE(counts_characters)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
