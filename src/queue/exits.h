/* exits - how qmail-queue ends; its callers turn the numbers into replies (queue 2.2). */
#ifndef QUEUE_EXITS_H
#define QUEUE_EXITS_H

/* What stands in for qmail-queue has more to say: 31 and 55 to 74 are qmail-qmqpc's. */
enum queue_exit {
	QUEUE_OK = 0,
	QUEUE_ADDRESS_TOO_LONG = 11,
	QUEUE_REFUSED = 31,
	QUEUE_NO_MEMORY = 51,
	QUEUE_TIMEOUT = 52,
	QUEUE_WRITE_ERROR = 53,
	QUEUE_READ_ERROR = 54, /* or an envelope that ends early */
	QUEUE_NO_CONTROLS = 55,
	QUEUE_NO_SOCKET = 56,
	QUEUE_NO_HOME = 61,
	QUEUE_NO_QUEUE = 62,
	QUEUE_NO_PID = 63,
	QUEUE_NO_MESS = 64,
	QUEUE_NO_INTD = 65,
	QUEUE_NO_TODO = 66,
	QUEUE_DEFERRED = 71,
	QUEUE_CONNECT_TIMEOUT = 72,
	QUEUE_CONNECT_FAILED = 73,
	QUEUE_CONNECTION_DIED = 74,
	QUEUE_BUG = 81, /* a fatal signal */
	QUEUE_BAD_ENVELOPE = 91,
	QUEUE_NO_IDS = 111, /* who alias, qmaild and qmails are could not be found out */
};

#endif
