// The same work with simdjson's on-demand API: five columns of the events of row A, a document a
// line, into arrays. Prints CPU ns per record, least of five passes.
//     c++ -O3 -march=native -std=c++17 peer_simdjson.cpp -lsimdjson -o peer_simdjson && ./peer_simdjson FILE [events|bids]
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string_view>
#include <vector>

#include <simdjson.h>

static double cpu_s()
{
    timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return double(now.tv_sec) + double(now.tv_nsec) * 1e-9;
}

int main(int argc, char **argv)
{
    using namespace simdjson;
    if (argc < 2)
        return 2;
    padded_string text = padded_string::load(argv[1]);
    bool bids = argc > 2 && std::strcmp(argv[2], "bids") == 0;
    bool flights = argc > 2 && std::strcmp(argv[2], "flights") == 0;
    double best = 1e9;
    size_t rows = 0;
    uint64_t sum = 0;
    for (int pass = 0; pass < 5; pass++) {
        std::vector<int64_t> a, b, c;
        std::vector<double> d;
        std::vector<std::string_view> s, t, u;
        double begin = cpu_s();
        rows = 0;
        sum = 0;
        ondemand::parser parser;
        ondemand::document_stream stream = parser.iterate_many(text, 1 << 20);
        for (auto document : stream) {
            if (rows % 2048 == 0) {
                a.clear(); b.clear(); c.clear(); d.clear(); s.clear(); t.clear(); u.clear();
            }
            ondemand::object object = document.get_object();
            if (bids) {
                ondemand::value bid;
                ondemand::object inner;
                if (!object.find_field_unordered("bid").get(bid) && !bid.get_object().get(inner)) {
                    a.push_back(inner.find_field_unordered("auction").get_int64());
                    b.push_back(inner.find_field_unordered("bidder").get_int64());
                    c.push_back(inner.find_field_unordered("price").get_int64());
                    s.push_back(inner.find_field_unordered("channel").get_string());
                    t.push_back(inner.find_field_unordered("date_time").get_string());
                    sum += uint64_t(a.back()) + s.back().size();
                }
            } else if (flights) {
                int64_t value;
                std::string_view word;
                if (!object.find_field_unordered("dep_delay").get_int64().get(value)) a.push_back(value);
                if (!object.find_field_unordered("arr_delay").get_int64().get(value)) b.push_back(value);
                if (!object.find_field_unordered("carrier").get_string().get(word)) s.push_back(word);
                if (!object.find_field_unordered("origin").get_string().get(word)) t.push_back(word);
                if (!object.find_field_unordered("time_hour").get_string().get(word)) u.push_back(word);
                sum += s.empty() ? 0 : s.back().size();
            } else {
                a.push_back(object.find_field_unordered("ts").get_int64());
                s.push_back(object.find_field_unordered("user_id").get_string());
                t.push_back(object.find_field_unordered("event").get_string());
                d.push_back(object.find_field_unordered("price").get_double());
                u.push_back(object.find_field_unordered("country").get_string());
                sum += uint64_t(a.back()) + s.back().size();
            }
            rows++;
        }
        double took = cpu_s() - begin;
        best = took < best ? took : best;
    }
    std::printf("simdjson on-demand %.1f ns/record, rows %zu, sum %llu\n", best / double(rows) * 1e9,
                rows, (unsigned long long)sum);
}
