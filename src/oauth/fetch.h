/* fetch - one request to the token server (http/exchange.h). */
#ifndef OAUTH_FETCH_H
#define OAUTH_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/view.h"
#include "oauth/answer.h"
#include "oauth/settings.h"

/* True: *out has a token; else its `refusal` says why not, in the server's words where there are
 * some. */
bool fetch_token(const struct oauth_settings *settings, struct view refreshtoken,
    int64_t timeout_ms, struct oauth_answer *out);

#endif
