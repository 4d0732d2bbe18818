/* approx_percentile, approx_median: a merging t-digest (T. Dunning, O. Ertl, "Computing extremely
 * accurate quantiles using t-digests", 2019).
 *
 * Values are buffered as centroids (mean, weight); when there are LIMIT of them they are sorted and
 * neighbours joined as long as each stays within one unit of the scale function k1(q) =
 * delta / (2 pi) asin(2 q - 1), which leaves at most delta = 200 of them, small at the tails:
 *
 *     q near 0.5   a centroid holds up to 1.6 % of the values    error about 0.5 % of rank
 *     q near 0, 1  single values                                 error about 0.01 % of rank
 *
 * Up to LIMIT values in a group the answer is exact (percentile_cont). Infinities and NaN
 * (greatest) are counted apart. */
#include "kernel/aggregate/order_key.h"
#include "kernel/aggregate/percentiles.h"

#include <math.h>

enum { DELTA = 200, LIMIT = 1024 };
#define TWO_PI 6.28318530717958647692

struct centroid {
    double mean;
    double weight;
};
struct digest {
    struct weir_grown centroids; /* sorted and joined ones first, then single values */
    int64_t count;               /* of finite values */
    int64_t negative;            /* -infinity */
    int64_t positive;            /* infinity */
    int64_t nan;
    double least, greatest; /* of finite values */
};
AGGREGATE_SIZE(digest_size, struct digest)

static bool less_centroid(const struct centroid *a, const struct centroid *b)
{
    return a->mean < b->mean;
}
WEIR_SORT(sort_centroids, struct centroid, less_centroid)

static struct centroid *centroids_of(const struct digest *digest)
{
    return (struct centroid *)(void *)digest->centroids.bytes;
}
static size_t centroids_count(const struct digest *digest)
{
    return digest->centroids.size / sizeof(struct centroid);
}

static double scale_k(double q)
{
    return DELTA / TWO_PI * asin(2 * q - 1);
}
static double scale_q(double k)
{
    double limit = DELTA / 4.0;
    return k >= limit ? 1 : (sin(k * TWO_PI / DELTA) + 1) / 2;
}

static void compress(struct digest *digest)
{
    struct centroid *centroids = centroids_of(digest);
    size_t count = centroids_count(digest), kept = 0;
    sort_centroids(centroids, count);
    double total = (double)digest->count, done = 0;
    double limit = total * scale_q(scale_k(0) + 1);
    for (size_t i = 1; i < count; i++) {
        struct centroid *open = &centroids[kept];
        double weight = open->weight + centroids[i].weight;
        if (done + weight <= limit) {
            open->mean += (centroids[i].mean - open->mean) * (centroids[i].weight / weight);
            open->weight = weight;
            continue;
        }
        done += open->weight;
        limit = total * scale_q(scale_k(done / total) + 1);
        centroids[++kept] = centroids[i];
    }
    digest->centroids.size = (count ? kept + 1 : 0) * sizeof *centroids;
}

static bool digest_add_centroid(struct digest *digest, struct centroid centroid,
                                struct weir_aggregate_heap *heap)
{
    if (centroids_count(digest) >= LIMIT)
        compress(digest);
    struct centroid *room =
        (struct centroid *)(void *)weir_grown_append(&digest->centroids, sizeof centroid, heap);
    if (room)
        *room = centroid;
    return room != NULL;
}

static bool digest_add(struct digest *digest, double value, struct weir_aggregate_heap *heap)
{
    if (isnan(value)) {
        digest->nan++;
        return true;
    }
    if (isinf(value)) {
        *(value > 0 ? &digest->positive : &digest->negative) += 1;
        return true;
    }
    if (!digest->count || value < digest->least)
        digest->least = value;
    if (!digest->count || value > digest->greatest)
        digest->greatest = value;
    if (!digest_add_centroid(digest, (struct centroid){value, 1}, heap))
        return false;
    digest->count++;
    return true;
}

static void digest_step(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane,
                        uint32_t index, int64_t weight)
{
    (void)lane, (void)weight;
    if (!digest_add((struct digest *)(void *)state, AGGREGATE_VALUE(call, 0, double, index),
                    call->heap))
        weir_aggregate_out_of_memory(call);
}

static void digest_update(struct weir_aggregate_call *call)
{
    aggregate_rows(call, digest_step);
}

static void digest_drop(uint8_t *state, struct weir_aggregate_heap *heap)
{
    struct digest *digest = (struct digest *)(void *)state;
    weir_grown_drop(&digest->centroids, heap);
    memset(digest, 0, sizeof *digest);
}

static void digest_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    struct digest *target = (struct digest *)(void *)(into + call->state_offset);
    struct digest *source = (struct digest *)(void *)(from + call->state_offset);
    const struct centroid *centroids = centroids_of(source);
    if (source->count && (!target->count || source->least < target->least))
        target->least = source->least;
    if (source->count && (!target->count || source->greatest > target->greatest))
        target->greatest = source->greatest;
    for (size_t i = 0; i < centroids_count(source); i++) {
        if (!digest_add_centroid(target, centroids[i], call->heap)) {
            weir_aggregate_out_of_memory(call);
            return;
        }
        target->count += (int64_t)centroids[i].weight;
    }
    target->negative += source->negative;
    target->positive += source->positive;
    target->nan += source->nan;
    digest_drop((uint8_t *)source, call->heap);
}

/* The finite value at place 0 … count - 1: centroids stand at the middle of the places they hold,
 * the extremes at the ends; between them it is linear. */
static double finite_at(const struct digest *digest, double place)
{
    const struct centroid *centroids = centroids_of(digest);
    size_t count = centroids_count(digest);
    double before = 0, last_place = 0, last_mean = digest->least;
    for (size_t i = 0; i < count; i++) {
        double middle = before + (centroids[i].weight - 1) / 2;
        if (place <= middle) {
            double width = middle - last_place;
            double part = width > 0 ? (place - last_place) / width : 1;
            return last_mean + part * (centroids[i].mean - last_mean);
        }
        before += centroids[i].weight;
        last_place = middle;
        last_mean = centroids[i].mean;
    }
    double width = (double)(digest->count - 1) - last_place;
    double part = width > 0 ? (place - last_place) / width : 1;
    return last_mean + part * (digest->greatest - last_mean);
}

static double place_value(const struct digest *digest, double place)
{
    double finite = place - (double)digest->negative;
    if (finite < 0)
        return -(double)INFINITY;
    if (finite <= (double)digest->count - 1)
        return finite_at(digest, finite);
    if (finite <= (double)(digest->count + digest->positive) - 1 || !digest->nan)
        return digest->positive ? (double)INFINITY : digest->greatest;
    return (double)NAN;
}

static struct weir_slice digest_value(const void *context, double fraction, struct weir_lane *lane)
{
    const struct digest *digest = context;
    int64_t total = digest->count + digest->negative + digest->positive + digest->nan;
    double value = place_value(digest, fraction * (double)(total - 1));
    memcpy(lane->bytes, &value, sizeof value);
    return weir_slice_make((const char *)lane->bytes, sizeof value);
}

static void digest_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    struct weir_percentile_writer writer = {.percentiles = out->instance};
    weir_value_writer_begin(&writer.values, out);
    for (uint32_t i = 0; i < out->rows_count; i++) {
        struct digest *digest = AGGREGATE_FINISH_STATE(struct digest, states, i, offset);
        if (!(digest->count || digest->negative || digest->positive || digest->nan)) {
            weir_value_writer_put_null(&writer.values, i);
            continue;
        }
        if (centroids_count(digest) > LIMIT / 2 && digest->count > LIMIT)
            compress(digest);
        else
            sort_centroids(centroids_of(digest), centroids_count(digest));
        weir_percentiles_write(&writer, i, digest_value, digest);
    }
    weir_value_writer_end(&writer.values);
}

enum weir_status weir_bind_approx_percentile(struct weir_function_bind *bind,
                                             struct weir_error *error)
{
    return weir_percentiles_bind(bind, 1, 0, error);
}

const struct weir_aggregate_ops weir_aggregate_approx_percentile = {
    digest_size, digest_update, digest_merge, digest_finish, digest_drop, NULL};
