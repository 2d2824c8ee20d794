#include "users/failure.h"

#include <errno.h>

bool
failure_is_temporary(int error)
{
	switch (error) {
	case EINTR:
	case ENOMEM:
	case ETXTBSY:
	case EIO:
	case ETIMEDOUT:
	case EWOULDBLOCK:
	case EDEADLK:
	case EBUSY:
	case ENETDOWN:
	case ENETUNREACH:
	case ENETRESET:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ECONNREFUSED:
	case ECONNRESET:
	case ECONNABORTED:
	case ENOTCONN: /* a file system in user space whose server has ended */
	case ENFILE:
	case EMFILE:
	case ESTALE:
	case ENOSPC:
	case EDQUOT:
	case ENOLCK:
		return true;
	default:
		return false;
	}
}
