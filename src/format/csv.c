/* The formats csv and tsv, as the registry shows them. */
#include "format/csv.h"
#include "format/formats_internal.h"

const struct weir_format weir_format_csv = {
    .name = "csv",
    .summary = "comma-separated values (RFC 4180)",
    .details =
        "The first record names the columns; declared columns find theirs by name, in any order.\n"
        "A column without a name is called `column1` by its place, the second of equal names "
        "`NAME_1`.\n"
        "Fields may be quoted, quotes inside are doubled, and quoted fields may span lines.\n"
        "An empty field without quotes is NULL, `\"\"` is the empty text (NULL in columns that\n"
        "hold no text). A record with the wrong number of fields, an unclosed quote, a CR\n"
        "outside quotes that ends no line, or bytes that are not UTF-8\n"
        "is bad. Blank lines are no records; a byte order mark at the begin is skipped.\n\n"
        "```sql\n"
        "SELECT carrier, count(*) AS flights FROM 'data/airlines.csv' GROUP BY carrier;\n"
        "```\n",
    .options = weir_csv_specs,
    .options_count = 4,
    .options_size = sizeof(struct weir_csv_options),
    .decoder = &weir_csv_decoder,
    .encoder = &weir_csv_encoder,
    .infer = weir_csv_infer,
};

const struct weir_format weir_format_tsv = {
    .name = "tsv",
    .summary = "tab-separated values",
    .details = "CSV with a tab between fields; the same options.\n",
    .options = weir_csv_specs,
    .options_count = 4,
    .options_size = sizeof(struct weir_csv_options),
    .decoder = &weir_tsv_decoder,
    .encoder = &weir_tsv_encoder,
    .infer = weir_tsv_infer,
};
