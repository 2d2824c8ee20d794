/* keepertalk - what a kept qmail-remote says to qmail-rspawn, in the order of wire/kept.h.  Each false:
 * qmail-rspawn is gone. */
#ifndef CLIENT_KEEPERTALK_H
#define CLIENT_KEEPERTALK_H

#include <stdbool.h>
#include <stddef.h>

#include "client/attempt.h"
#include "client/identity.h"
#include "client/report.h"
#include "wire/kept.h"

bool keepertalk_refusal(int fd);
/* `connections`: as in struct kept_plan. */
bool keepertalk_plan(int fd, const struct task *task, const struct identity *route,
    bool connected, uint32_t connections);

/* Wait for leave to connect. */
bool keepertalk_may_connect(int fd, struct deadline end);

bool keepertalk_dot(int fd);

/* The first `done` recipients of `count` have reports, the others go back. */
bool keepertalk_reports(int fd, const struct report *report, size_t done, size_t count);

/* Which file we are: of a wrapper that runs us it is another. */
bool keepertalk_self(int fd);

bool keepertalk_end(int fd, const struct kept_end *end);

#endif
