// The floor under a recorder: reads N cameras over RTSP/TCP, SHA-256, write. No repackaging, no fsync, no index.
// Usage: floor FOLDER BEAT_MS < urls     BEAT_MS 0 reads as packets arrive; more reads all sockets on that beat.
// On SIGTERM it reads what is left and prints {"frames":N,"bytes":N,"sha":"libcrypto"|"portable"}.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifdef WITH_LIBCRYPTO
#include <openssl/evp.h>
#define SHA_NAME "libcrypto"
typedef EVP_MD_CTX *hash_t;
static void hash_begin(hash_t *h) { *h = EVP_MD_CTX_new(); EVP_DigestInit_ex(*h, EVP_sha256(), NULL); }
static void hash_add(hash_t *h, const uint8_t *p, size_t n) { EVP_DigestUpdate(*h, p, n); }
static void hash_end(hash_t *h, uint8_t out[32]) { EVP_DigestFinal_ex(*h, out, NULL); EVP_MD_CTX_free(*h); }
#else
#define SHA_NAME "portable"
typedef struct { uint32_t s[8]; uint8_t block[64]; uint64_t length; } hash_t;
static const uint32_t K[64] = {
  0x428a2f98,0x71374491,0xb5c0fbcf,0xe9b5dba5,0x3956c25b,0x59f111f1,0x923f82a4,0xab1c5ed5,0xd807aa98,0x12835b01,0x243185be,0x550c7dc3,0x72be5d74,
  0x80deb1fe,0x9bdc06a7,0xc19bf174,0xe49b69c1,0xefbe4786,0x0fc19dc6,0x240ca1cc,0x2de92c6f,0x4a7484aa,0x5cb0a9dc,0x76f988da,0x983e5152,0xa831c66d,
  0xb00327c8,0xbf597fc7,0xc6e00bf3,0xd5a79147,0x06ca6351,0x14292967,0x27b70a85,0x2e1b2138,0x4d2c6dfc,0x53380d13,0x650a7354,0x766a0abb,0x81c2c92e,
  0x92722c85,0xa2bfe8a1,0xa81a664b,0xc24b8b70,0xc76c51a3,0xd192e819,0xd6990624,0xf40e3585,0x106aa070,0x19a4c116,0x1e376c08,0x2748774c,0x34b0bcb5,
  0x391c0cb3,0x4ed8aa4a,0x5b9cca4f,0x682e6ff3,0x748f82ee,0x78a5636f,0x84c87814,0x8cc70208,0x90befffa,0xa4506ceb,0xbef9a3f7,0xc67178f2 };
#define ROR(x, n) (((x) >> (n)) | ((x) << (32 - (n))))
static void compress(uint32_t *s, const uint8_t *p) {
  uint32_t w[64], v[8];
  for (int i = 0; i < 16; i++) w[i] = (uint32_t)p[4*i] << 24 | p[4*i+1] << 16 | p[4*i+2] << 8 | p[4*i+3];
  for (int i = 16; i < 64; i++)
    w[i] = w[i-16] + w[i-7] + (ROR(w[i-15],7) ^ ROR(w[i-15],18) ^ w[i-15] >> 3) + (ROR(w[i-2],17) ^ ROR(w[i-2],19) ^ w[i-2] >> 10);
  memcpy(v, s, 32);
  for (int i = 0; i < 64; i++) {
    uint32_t a = v[7] + (ROR(v[4],6) ^ ROR(v[4],11) ^ ROR(v[4],25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) + K[i] + w[i];
    uint32_t b = (ROR(v[0],2) ^ ROR(v[0],13) ^ ROR(v[0],22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
    memmove(v + 1, v, 28); v[4] += a; v[0] = a + b;
  }
  for (int i = 0; i < 8; i++) s[i] += v[i];
}
static void hash_begin(hash_t *h) {
  static const uint32_t first[8] = { 0x6a09e667,0xbb67ae85,0x3c6ef372,0xa54ff53a,0x510e527f,0x9b05688c,0x1f83d9ab,0x5be0cd19 };
  memcpy(h->s, first, 32); h->length = 0;
}
static void hash_add(hash_t *h, const uint8_t *p, size_t n) {
  size_t at = h->length % 64;
  h->length += n;
  if (at) {
    size_t take = 64 - at < n ? 64 - at : n;
    memcpy(h->block + at, p, take); p += take; n -= take;
    if (at + take < 64) return;
    compress(h->s, h->block);
  }
  for (; n >= 64; p += 64, n -= 64) compress(h->s, p);
  memcpy(h->block, p, n);
}
static void hash_end(hash_t *h, uint8_t out[32]) {
  uint64_t bits = h->length * 8;
  uint8_t pad[72] = { 0x80 };
  size_t n = (h->length % 64 < 56 ? 56 : 120) - h->length % 64;
  for (int i = 0; i < 8; i++) pad[n + i] = bits >> (56 - 8 * i);
  hash_add(h, pad, n + 8);
  for (int i = 0; i < 32; i++) out[i] = h->s[i / 4] >> (24 - 8 * (i % 4));
}
#endif

#define CAMERAS_MAX 4096
#define READ_BYTES 262144

typedef struct {
  int socket, file;
  hash_t hash;
  uint8_t head[6];  // "$", channel, length, the first two bytes of RTP
  size_t have;      // bytes of head so far
  size_t left;      // bytes of the packet still to come
} camera_t;

static camera_t cameras[CAMERAS_MAX];
static int count;
static uint64_t frames, total;
static uint8_t buffer[READ_BYTES];
static volatile sig_atomic_t ending;

static void die(const char *what) { perror(what); exit(1); }
static void on_term(int signal_number) { (void)signal_number; ending = 1; }

// Counts frames by the marker bit of RTP packets on channel 0.
static void count_frames(camera_t *c, const uint8_t *p, size_t n) {
  while (n) {
    if (c->left) {
      size_t take = c->left < n ? c->left : n;
      c->left -= take; p += take; n -= take;
      continue;
    }
    c->head[c->have++] = *p++; n--;
    if (c->have < 6) continue;
    if (c->head[0] != '$') { fprintf(stderr, "out of step\n"); exit(1); }
    if (c->head[1] == 0 && c->head[5] & 0x80) frames++;
    c->left = (c->head[2] << 8 | c->head[3]) - 2;
    c->have = 0;
  }
}

static void take(camera_t *c, const uint8_t *p, size_t n) {
  count_frames(c, p, n);
  hash_add(&c->hash, p, n);
  total += n;
  while (n) {
    ssize_t done = write(c->file, p, n);
    if (done < 0) die("write");
    p += done; n -= done;
  }
}

// One request, one answer; bytes after the answer to PLAY are media.
static void ask(camera_t *c, const char *method, const char *url, const char *more, int sequence, int last) {
  char request[2048], answer[65536];
  int length = snprintf(request, sizeof request, "%s %s RTSP/1.0\r\nCSeq: %d\r\n%s\r\n", method, url, sequence, more);
  if (write(c->socket, request, length) != length) die("request");
  size_t have = 0;
  for (;;) {
    ssize_t n = read(c->socket, answer + have, sizeof answer - 1 - have);
    if (n <= 0) die("answer");
    have += n; answer[have] = 0;
    char *end = strstr(answer, "\r\n\r\n");
    if (!end) continue;
    char *field = strcasestr(answer, "Content-Length:");
    size_t after = end + 4 - answer + (field && field < end ? strtoul(field + 15, NULL, 10) : 0);
    if (have < after) continue;
    if (strncmp(answer, "RTSP/1.0 200", 12)) { fprintf(stderr, "%.40s\n", answer); exit(1); }
    if (last && have > after) take(c, (uint8_t *)answer + after, have - after);
    return;
  }
}

static void open_camera(const char *url, const char *folder) {
  camera_t *c = &cameras[count];
  char host[256], path[4096], track[2100];
  int port = 554;
  if (sscanf(url, "rtsp://%255[^:/]:%d", host, &port) < 1) { fprintf(stderr, "bad url %s\n", url); exit(1); }
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
  inet_pton(AF_INET, host, &to.sin_addr);
  c->socket = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(c->socket, (struct sockaddr *)&to, sizeof to)) die("connect");
  snprintf(path, sizeof path, "%s/%d.rtp", folder, count);
  c->file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (c->file < 0) die(path);
  hash_begin(&c->hash);
  snprintf(track, sizeof track, "%s/track1", url);
  ask(c, "DESCRIBE", url, "Accept: application/sdp\r\n", 1, 0);
  ask(c, "SETUP", track, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n", 2, 0);
  ask(c, "PLAY", url, "", 3, 1);
  fcntl(c->socket, F_SETFL, O_NONBLOCK);
  count++;
}

static void drain(camera_t *c) {
  for (;;) {
    ssize_t n = read(c->socket, buffer, sizeof buffer);
    if (n > 0) take(c, buffer, n);
    if (n < (ssize_t)sizeof buffer) return;
  }
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  int beat_ms = atoi(argv[2]);
  char url[2000];
  signal(SIGTERM, on_term);
  int poll_fd = epoll_create1(0);
  while (count < CAMERAS_MAX && scanf("%1999s", url) == 1) {
    open_camera(url, argv[1]);
    struct epoll_event event = { .events = EPOLLIN, .data.u32 = count - 1 };
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, cameras[count - 1].socket, &event);
  }
  struct epoll_event events[256];
  while (!ending) {
    if (beat_ms) {
      struct timespec beat = { .tv_sec = beat_ms / 1000, .tv_nsec = beat_ms % 1000 * 1000000L };
      nanosleep(&beat, NULL);
      for (int i = 0; i < count; i++) drain(&cameras[i]);
    } else {
      int n = epoll_wait(poll_fd, events, 256, 1000);
      for (int i = 0; i < n; i++) drain(&cameras[events[i].data.u32]);
    }
  }
  for (int i = 0; i < count; i++) {
    uint8_t digest[32];
    drain(&cameras[i]);
    hash_end(&cameras[i].hash, digest);
    if (getenv("FLOOR_DIGESTS")) {
      printf("%d ", i);
      for (int b = 0; b < 32; b++) printf("%02x", digest[b]);
      printf("\n");
    }
  }
  printf("{\"frames\":%llu,\"bytes\":%llu,\"sha\":\"" SHA_NAME "\"}\n", (unsigned long long)frames, (unsigned long long)total);
  return 0;
}
