/* Row N's measure: inflating a gzip file with ISA-L and nothing else. Prints {"cpu": SECONDS}. */
#include <isa-l/igzip_lib.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { INPUT_SIZE = 128 << 10, OUTPUT_SIZE = 256 << 10 };

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    uint8_t *input = malloc(INPUT_SIZE), *output = malloc(OUTPUT_SIZE);
    static struct inflate_state state;
    unsigned long long total = 0;
    if (!file || !input || !output)
        return 1;
    isal_inflate_init(&state);
    state.crc_flag = ISAL_GZIP;
    while (state.block_state != ISAL_BLOCK_FINISH) {
        if (state.avail_in == 0) {
            state.next_in = input;
            state.avail_in = (uint32_t)fread(input, 1, INPUT_SIZE, file);
            if (state.avail_in == 0)
                break;
        }
        state.next_out = output;
        state.avail_out = OUTPUT_SIZE;
        if (isal_inflate(&state) != ISAL_DECOMP_OK)
            return 1;
        total += OUTPUT_SIZE - state.avail_out;
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"cpu\": %.6f, \"bytes\": %llu}\n",
           (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6,
           total);
    fclose(file);
    free(input);
    free(output);
    return 0;
}
