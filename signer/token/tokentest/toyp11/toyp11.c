/*
 * toyp11: a PKCS #11 module with one token and one RSA key, for tests on systems
 * and processors that have no other: Windows, 32 bits. The key and its
 * certificate are in key.h, which the test writes; the PIN is 87654321.
 *
 * TOYP11 in the environment says how it misbehaves: crash-init, hang-init,
 * crash-sign, hang-sign, hang-exit. Compiled with BESIDE it needs a function of
 * another library that lies beside it.
 */
#ifdef _WIN32
#include <windows.h>
#pragma pack(push, 1)
#define EXPORT __declspec(dllexport)
#else
#include <unistd.h>
#define EXPORT
#endif
#define CK_PTR *
#define NULL_PTR 0
#define CK_DEFINE_FUNCTION(t, n) t n
#define CK_DECLARE_FUNCTION(t, n) t n
#define CK_DECLARE_FUNCTION_POINTER(t, n) t(*n)
#define CK_CALLBACK_FUNCTION(t, n) t(*n)
#include "pkcs11.h"
#ifdef _WIN32
#pragma pack(pop)
#endif

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "key.h" /* modulus[SIZE], exponent[SIZE], certificate[] */

#define WORDS (SIZE / 4)
#define CERTIFICATE 1
#define PRIVATE_KEY 2

#ifdef BESIDE
int beside(void);
#endif

static int logged_in, searching, found;

static void misbehave(const char *when)
{
	const char *how = getenv("TOYP11");
	size_t n = how ? strcspn(how, "-") : 0;

	if (!how || strcmp(how + n + (how[n] == '-'), when))
		return;
	if (!strncmp(how, "crash", n))
		*(volatile int *)8 = 1;
	for (;;) {
#ifdef _WIN32
		Sleep(1000);
#else
		pause();
#endif
	}
}

/* ---- RSA, slowly ---- */

typedef uint32_t number[WORDS + 1]; /* least significant first; one word to spare */

static void load(number x, const unsigned char *b)
{
	memset(x, 0, sizeof(number));
	for (int i = 0; i < SIZE; i++)
		x[i / 4] |= (uint32_t)b[SIZE - 1 - i] << (8 * (i % 4));
}

static void reduce(number x, const number n) /* x -= n when x >= n */
{
	int64_t borrow = 0;

	for (int i = WORDS; i >= 0; i--) {
		if (x[i] > n[i])
			break;
		if (x[i] < n[i])
			return;
	}
	for (int i = 0; i <= WORDS; i++) {
		borrow += (int64_t)x[i] - n[i];
		x[i] = (uint32_t)borrow;
		borrow >>= 32;
	}
}

static void add(number x, const number y, const number n)
{
	uint64_t carry = 0;

	for (int i = 0; i <= WORDS; i++) {
		carry += (uint64_t)x[i] + y[i];
		x[i] = (uint32_t)carry;
		carry >>= 32;
	}
	reduce(x, n);
}

static void multiply(number x, const number y, const number n)
{
	number r = { 0 };

	for (int i = 32 * WORDS - 1; i >= 0; i--) {
		add(r, r, n);
		if (y[i / 32] >> (i % 32) & 1)
			add(r, x, n);
	}
	memcpy(x, r, sizeof r);
}

static void power(number x, const unsigned char *e, const number n)
{
	number r = { 1 };

	for (int i = 0; i < 8 * SIZE; i++) {
		multiply(r, r, n);
		if (e[i / 8] >> (7 - i % 8) & 1)
			multiply(r, x, n);
	}
	memcpy(x, r, sizeof r);
}

/* ---- the functions ---- */

static CK_RV unsupported(void)
{
	return CKR_FUNCTION_NOT_SUPPORTED;
}

static CK_RV t_C_Initialize(CK_VOID_PTR args)
{
	(void)args;
	misbehave("init");
#ifdef BESIDE
	if (beside() != 42)
		return CKR_GENERAL_ERROR;
#endif
	return CKR_OK;
}

static CK_RV t_C_GetSlotList(CK_BBOOL present, CK_SLOT_ID_PTR list, CK_ULONG_PTR n)
{
	(void)present;
	if (list && *n < 1)
		return CKR_BUFFER_TOO_SMALL;
	if (list)
		list[0] = 7;
	*n = 1;
	return CKR_OK;
}

static CK_RV t_C_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR i)
{
	if (slot != 7)
		return CKR_SLOT_ID_INVALID;
	memset(i, ' ', sizeof *i);
	memcpy(i->label, "Ch\xE1\xBB\xAF k\xC3\xBD s\xE1\xBB\x91", 14);
	memcpy(i->serialNumber, "0001", 4);
	i->flags = CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED | CKF_LOGIN_REQUIRED;
	i->ulMinPinLen = 4;
	i->ulMaxPinLen = 16;
	return CKR_OK;
}

static CK_RV t_C_OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR app, CK_NOTIFY notify, CK_SESSION_HANDLE_PTR h)
{
	(void)flags, (void)app, (void)notify;
	if (slot != 7)
		return CKR_SLOT_ID_INVALID;
	*h = 1;
	return CKR_OK;
}

static CK_RV t_C_CloseSession(CK_SESSION_HANDLE h)
{
	(void)h;
	return CKR_OK;
}

static CK_RV t_C_Login(CK_SESSION_HANDLE h, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG len)
{
	(void)h, (void)user;
	if (len != 8 || memcmp(pin, "87654321", 8))
		return CKR_PIN_INCORRECT;
	logged_in = 1;
	return CKR_OK;
}

static CK_RV t_C_Logout(CK_SESSION_HANDLE h)
{
	(void)h;
	logged_in = 0;
	return CKR_OK;
}

static CK_RV t_C_FindObjectsInit(CK_SESSION_HANDLE h, CK_ATTRIBUTE_PTR t, CK_ULONG n)
{
	(void)h;
	searching = 0;
	for (CK_ULONG i = 0; i < n; i++)
		if (t[i].type == CKA_CLASS && *(CK_OBJECT_CLASS *)t[i].pValue == CKO_CERTIFICATE)
			searching = CERTIFICATE;
		else if (t[i].type == CKA_CLASS && *(CK_OBJECT_CLASS *)t[i].pValue == CKO_PRIVATE_KEY && logged_in)
			searching = PRIVATE_KEY;
	found = 0;
	return CKR_OK;
}

static CK_RV t_C_FindObjects(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE_PTR o, CK_ULONG max, CK_ULONG_PTR n)
{
	(void)h, (void)max;
	*n = searching && !found++;
	if (*n)
		*o = searching;
	return CKR_OK;
}

static CK_RV t_C_FindObjectsFinal(CK_SESSION_HANDLE h)
{
	(void)h;
	return CKR_OK;
}

static CK_RV t_C_GetAttributeValue(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE o, CK_ATTRIBUTE_PTR t, CK_ULONG n)
{
	(void)h;
	for (CK_ULONG i = 0; i < n; i++) {
		const void *value = "\x01";
		CK_ULONG len = 1;

		if (t[i].type == CKA_VALUE && o == CERTIFICATE) {
			value = certificate;
			len = sizeof certificate;
		} else if (t[i].type != CKA_ID) {
			t[i].ulValueLen = (CK_ULONG)-1;
			return CKR_ATTRIBUTE_TYPE_INVALID;
		}
		if (t[i].pValue && t[i].ulValueLen < len)
			return CKR_BUFFER_TOO_SMALL;
		if (t[i].pValue)
			memcpy(t[i].pValue, value, len);
		t[i].ulValueLen = len;
	}
	return CKR_OK;
}

static CK_RV t_C_SignInit(CK_SESSION_HANDLE h, CK_MECHANISM_PTR m, CK_OBJECT_HANDLE key)
{
	(void)h;
	if (!logged_in)
		return CKR_USER_NOT_LOGGED_IN;
	if (key != PRIVATE_KEY)
		return CKR_KEY_HANDLE_INVALID;
	return m->mechanism == CKM_RSA_PKCS ? CKR_OK : CKR_MECHANISM_INVALID;
}

static CK_RV t_C_Sign(CK_SESSION_HANDLE h, CK_BYTE_PTR data, CK_ULONG len, CK_BYTE_PTR sig, CK_ULONG_PTR siglen)
{
	unsigned char block[SIZE];
	number x, n;

	(void)h;
	misbehave("sign");
	if (len > SIZE - 11)
		return CKR_DATA_LEN_RANGE;
	if (sig && *siglen < SIZE)
		return CKR_BUFFER_TOO_SMALL;
	*siglen = SIZE;
	if (!sig)
		return CKR_OK;
	memset(block, 0xFF, SIZE);
	block[0] = 0;
	block[1] = 1;
	block[SIZE - len - 1] = 0;
	memcpy(block + SIZE - len, data, len);
	load(x, block);
	load(n, modulus);
	power(x, exponent, n);
	for (int i = 0; i < SIZE; i++)
		sig[SIZE - 1 - i] = x[i / 4] >> (8 * (i % 4));
	return CKR_OK;
}

EXPORT CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR out)
{
	static CK_FUNCTION_LIST list;
	void *no = (void *)unsupported;

	for (size_t at = sizeof list - 68 * sizeof no; at < sizeof list; at += sizeof no) /* packed on Windows */
		memcpy((char *)&list + at, &no, sizeof no);
	list.version.major = 2;
	list.version.minor = 40;
#define HAS(name) list.name = t_##name
	HAS(C_Initialize);
	HAS(C_GetSlotList);
	HAS(C_GetTokenInfo);
	HAS(C_OpenSession);
	HAS(C_CloseSession);
	HAS(C_Login);
	HAS(C_Logout);
	HAS(C_FindObjectsInit);
	HAS(C_FindObjects);
	HAS(C_FindObjectsFinal);
	HAS(C_GetAttributeValue);
	HAS(C_SignInit);
	HAS(C_Sign);
	*out = &list;
	return CKR_OK;
}

#ifdef _WIN32
BOOL WINAPI DllMain(HINSTANCE library, DWORD reason, LPVOID reserved)
{
	(void)library, (void)reserved;
	if (reason == DLL_PROCESS_DETACH)
		misbehave("exit");
	return TRUE;
}
#endif
