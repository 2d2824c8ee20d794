/* localenv - what qmail-local knows of its delivery, and tells programs in the environment
 * (queue 4.11; qmail-command(8)). */
#ifndef LOCAL_LOCALENV_H
#define LOCAL_LOCALENV_H

#include <stdint.h>

#include "lib/env.h"
#include "lib/str.h"
#include "lib/view.h"

/* The arguments of qmail-local. */
struct delivery_args {
	const char *user, *home, *local, *dash, *ext, *domain, *sender, *fallback;
};

/* Header lines, each with its line end: Delivered-To, Return-Path, and mbox's From. */
struct delivery_lines {
	struct str delivered_to, return_path, from;
};

/* Append the line "From SENDER DATE" that begins a message in an mbox; blanks and line ends in the
 * sender become '-', and the null sender is MAILER-DAEMON. */
void delivery_append_from(struct str *out, struct view sender, int64_t when);

/* `now` is for the mbox line.  Line ends in an address become '_' (in the mbox line '-', as blanks
 * do). */
void delivery_lines_make(
    struct delivery_lines *lines, const struct delivery_args *args, int64_t now);
void delivery_lines_free(struct delivery_lines *lines);

/* Add everything but DEFAULT and NEWSENDER to `env`. */
void localenv_fill(struct env_list *env, const struct delivery_args *args,
    const struct delivery_lines *lines);

#endif
