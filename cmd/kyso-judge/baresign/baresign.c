/*
 * baresign: how fast a token signs when nothing else is done. It logs in once
 * and calls C_SignInit and C_Sign (CKM_SHA256_RSA_PKCS is not used: the digest is
 * given, as the engine does) with the first private key.
 *
 *   baresign MODULE PIN COUNT      prints the seconds that COUNT signatures took
 */
#define CK_PTR *
#define NULL_PTR 0
#define CK_DEFINE_FUNCTION(t, n) t n
#define CK_DECLARE_FUNCTION(t, n) t n
#define CK_DECLARE_FUNCTION_POINTER(t, n) t(*n)
#define CK_CALLBACK_FUNCTION(t, n) t(*n)
#include "pkcs11.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MUST(call)                                                        \
	do {                                                              \
		CK_RV rv_ = (call);                                       \
		if (rv_ != CKR_OK) {                                      \
			fprintf(stderr, "%s: 0x%lx\n", #call, rv_);       \
			return 1;                                         \
		}                                                         \
	} while (0)

/* DigestInfo of SHA-256 (RFC 8017, 9.2, note 1); the digest follows. */
static CK_BYTE input[51] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
	0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};

int main(int argc, char **argv)
{
	CK_RV (*list)(CK_FUNCTION_LIST_PTR_PTR);
	CK_FUNCTION_LIST_PTR p;
	CK_SLOT_ID slots[16];
	CK_ULONG n = 16, found, len;
	CK_SESSION_HANDLE s;
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE which = {CKA_CLASS, &class, sizeof class};
	CK_OBJECT_HANDLE key;
	CK_MECHANISM how = {CKM_RSA_PKCS, NULL_PTR, 0};
	CK_BYTE value[1024];
	struct timespec from, to;
	void *module;
	long i, count;

	if (argc != 4 || (count = atol(argv[3])) <= 0) {
		fprintf(stderr, "usage: baresign MODULE PIN COUNT\n");
		return 2;
	}
	module = dlopen(argv[1], RTLD_NOW);
	if (!module || !(list = (CK_RV(*)(CK_FUNCTION_LIST_PTR_PTR))dlsym(module, "C_GetFunctionList"))) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	MUST(list(&p));
	MUST(p->C_Initialize(NULL_PTR));
	MUST(p->C_GetSlotList(CK_TRUE, slots, &n));
	if (n == 0)
		return 1;
	MUST(p->C_OpenSession(slots[0], CKF_SERIAL_SESSION, NULL_PTR, NULL_PTR, &s));
	MUST(p->C_Login(s, CKU_USER, (CK_BYTE *)argv[2], strlen(argv[2])));
	MUST(p->C_FindObjectsInit(s, &which, 1));
	MUST(p->C_FindObjects(s, &key, 1, &found));
	MUST(p->C_FindObjectsFinal(s));
	if (found != 1)
		return 1;
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (i = 0; i < count; i++) {
		memcpy(input + 19, &i, sizeof i);
		len = sizeof value;
		MUST(p->C_SignInit(s, &how, key));
		MUST(p->C_Sign(s, input, sizeof input, value, &len));
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("%.6f\n", (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
	return 0;
}
