#include "spawn/tcptoclean.h"

#include "config/tcptofile.h"

void
tcptoclean(void)
{
	/* If it fails, some mail waits a little longer. */
	(void)tcptofile_clear(TCPTO_FILE, TCPTO_RECORD);
	(void)tcptofile_clear(TCPTO_FILE6, TCPTO_RECORD6);
}
