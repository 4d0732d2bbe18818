/* Digests (vectors of RFC 1321 and FIPS 180-4), checksums, UUIDs. */
#include "../string/function_test.h"
#include "kernel/hash/hash_internal.h"

static const struct function_case digests_cases[] = {
    {"md5", "bytea", {"\\x"}, "d41d8cd98f00b204e9800998ecf8427e"},
    {"sha224", "bytea", {"\\x"}, "\\xd14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f"},
    {"sha256",
     "bytea",
     {"\\x"},
     "\\xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"sha384",
     "bytea",
     {"\\x"},
     "\\x38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f148"
     "98b95b"},
    {"sha512",
     "bytea",
     {"\\x"},
     "\\xcf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d287"
     "7eec2f63b931bd47417a81a538327af927da3e"},
    {"md5", "bytea", {"\\x616263"}, "900150983cd24fb0d6963f7d28e17f72"},
    {"sha224",
     "bytea",
     {"\\x616263"},
     "\\x23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
    {"sha256",
     "bytea",
     {"\\x616263"},
     "\\xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"sha384",
     "bytea",
     {"\\x616263"},
     "\\xcb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134"
     "c825a7"},
    {"sha512",
     "bytea",
     {"\\x616263"},
     "\\xddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3"
     "feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    {"md5",
     "bytea",
     {"\\x6162636462636465636465666465666765666768666768696768696a68696a6b696a6b6c6a6b6c6d6b6c6d6e6"
      "c6d6e6f6d6e6f706e6f7071"},
     "8215ef0796a20bcaaae116d3876c664a"},
    {"sha224",
     "bytea",
     {"\\x6162636462636465636465666465666765666768666768696768696a68696a6b696a6b6c6a6b6c6d6b6c6d6e6"
      "c6d6e6f6d6e6f706e6f7071"},
     "\\x75388b16512776cc5dba5da1fd890150b0c6455cb4f58b1952522525"},
    {"sha256",
     "bytea",
     {"\\x6162636462636465636465666465666765666768666768696768696a68696a6b696a6b6c6a6b6c6d6b6c6d6e6"
      "c6d6e6f6d6e6f706e6f7071"},
     "\\x248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"sha384",
     "bytea",
     {"\\x6162636462636465636465666465666765666768666768696768696a68696a6b696a6b6c6a6b6c6d6b6c6d6e6"
      "c6d6e6f6d6e6f706e6f7071"},
     "\\x3391fdddfc8dc7393707a65b1b4709397cf8b1d162af05abfe8f450de5f36bc6b0455a8520bc4e6f5fe95b1fe3"
     "c8452b"},
    {"sha512",
     "bytea",
     {"\\x6162636462636465636465666465666765666768666768696768696a68696a6b696a6b6c6a6b6c6d6b6c6d6e6"
      "c6d6e6f6d6e6f706e6f7071"},
     "\\x204a8fc6dda82f0a0ced7beb8e08a41657c16ef468b228a8279be331a703c33596fd15c13b1b07f9aa1d3bea57"
     "789ca031ad85c7a71dd70354ec631238ca3445"},
    {"md5",
     "bytea",
     {"\\x78787878787878787878787878787878787878787878787878787878787878787878787878787878787878787"
      "87878787878787878787878"},
     "668a72d5ba17f08e62dabcafad6db14b"},
    {"sha224",
     "bytea",
     {"\\x78787878787878787878787878787878787878787878787878787878787878787878787878787878787878787"
      "87878787878787878787878"},
     "\\x82199913c2712c46707ad08c8bfa2a69f68e9092dc5cdfaaaf07d77f"},
    {"sha256",
     "bytea",
     {"\\x78787878787878787878787878787878787878787878787878787878787878787878787878787878787878787"
      "87878787878787878787878"},
     "\\x04c26261370ee7541549d16dee320c723e3fd14671e66a099afe0a377c16888e"},
    {"sha384",
     "bytea",
     {"\\x78787878787878787878787878787878787878787878787878787878787878787878787878787878787878787"
      "87878787878787878787878"},
     "\\xab8d350a9c9d2b1bf44d3289a3ea0d28aa2917ae128397cfa389d918e32f57d30ad82f6297ef7e6647c4c12dc3"
     "0efb64"},
    {"sha512",
     "bytea",
     {"\\x78787878787878787878787878787878787878787878787878787878787878787878787878787878787878787"
      "87878787878787878787878"},
     "\\xa9436ec7761f9f0d5fa48e652d72b54622f763b36106e6551900b32f6cd7f4d88dbeaadeb866d7f5311663eda3"
     "bbcda04ffb5a8e6779e14b84e95da5327c083e"},
    {"md5",
     "text",
     {"12345678901234567890123456789012345678901234567890123456789012345678901234567890"},
     "57edf4a22be3c955ac49da2e2107b67a"},
    {"digest",
     "text, text",
     {"abc", "SHA256"},
     "\\xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"digest", "bytea, text", {"\\x616263", "md5"}, "\\x900150983cd24fb0d6963f7d28e17f72"},
    {"digest", "text, text", {"abc", "sha1"}, FAILS(BAD_ARGUMENT)},
    {"crc32", "text", {"123456789"}, "3421780262"},
    {"crc32c", "text", {"123456789"}, "3808858755"},
    {"crc32", "bytea", {"\\x"}, "0"},
    {"xxh64", "text", {""}, "17241709254077376921"},
    {"xxh64", "text", {"a"}, "15154266338359012955"},
    {"xxh64", "text", {"abc"}, "4952883123889572249"},
    {"xxh64", "text", {"Nobody inspects the spammish repetition"}, "18144624926692707313"},
    {"gen_random_uuid", "", {NULL}, "5a5a5a5a-5a5a-4a5a-9a5a-5a5a5a5a5a5a"},
};
static void digests(void)
{
    run_cases(digests_cases, WEIR_COUNT_OF(digests_cases));
}

/* Digests of messages around the block sizes, against a digest made by another implementation. */
static void block_edges(void)
{
    static const struct {
        size_t size;                                /* of a message of the letter a */
        unsigned char md5[4], sha256[4], sha512[4]; /* how the digests begin */
    } edges[] = {
        {111, {0x08, 0x9F, 0x24, 0x3D}, {0x63, 0x74, 0xF7, 0x32}, {0xFA, 0x91, 0x21, 0xC7}},
        {112, {0x91, 0x46, 0xEF, 0x35}, {0xF5, 0x43, 0x53, 0x00}, {0xC0, 0x1D, 0x08, 0x0E}},
        {119, {0x8A, 0x7B, 0xD0, 0x73}, {0x31, 0xEB, 0xA5, 0x1C}, {0x13, 0x03, 0x96, 0xA7}},
        {120, {0x5F, 0x61, 0xC0, 0xCC}, {0x2F, 0x3D, 0x33, 0x54}, {0xF2, 0x41, 0xDE, 0x61}},
        {55, {0xEF, 0x17, 0x72, 0xB6}, {0x9F, 0x43, 0x90, 0xF8}, {0xB0, 0x22, 0x0C, 0x77}},
        {56, {0x3B, 0x0C, 0x8A, 0xC7}, {0xB3, 0x54, 0x39, 0xA4}, {0x96, 0x2B, 0x64, 0xAA}},
        {63, {0xB0, 0x65, 0x21, 0xF3}, {0x7D, 0x3E, 0x74, 0xA0}, {0xC1, 0xB0, 0xF5, 0xC6}},
        {64, {0x01, 0x48, 0x42, 0xD4}, {0xFF, 0xE0, 0x54, 0xFE}, {0x01, 0xD3, 0x5C, 0x10}},
        {65, {0xC7, 0x43, 0xA4, 0x5E}, {0x63, 0x53, 0x61, 0xC4}, {0xB8, 0x30, 0x86, 0xCD}},
        {128, {0xE5, 0x10, 0x68, 0x3B}, {0x68, 0x36, 0xCF, 0x13}, {0xB7, 0x3D, 0x19, 0x29}},
        {1000, {0xCA, 0xBE, 0x45, 0xDC}, {0x41, 0xED, 0xEC, 0xE4}, {0x67, 0xBA, 0x55, 0x35}},
    };
    char message[1000];
    unsigned char digest[WEIR_SHA2_BYTES_MAX];
    memset(message, 'a', sizeof message);
    for (size_t i = 0; i < WEIR_COUNT_OF(edges); i++) {
        weir_md5(message, edges[i].size, digest);
        EXPECT(memcmp(digest, edges[i].md5, 4) == 0);
        weir_sha2(WEIR_SHA256, message, edges[i].size, digest);
        EXPECT(memcmp(digest, edges[i].sha256, 4) == 0);
        weir_sha2(WEIR_SHA512, message, edges[i].size, digest);
        EXPECT(memcmp(digest, edges[i].sha512, 4) == 0);
    }
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(digests), TEST_CASE(block_edges)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
