/*
 * faultp11: a PKCS #11 module that stands before another one (SoftHSM) and
 * misbehaves on request, for tests.
 *
 * FAULTP11_CONF names a file of rules that is read again whenever it changes,
 * so a test can pull the token in the middle of a batch. One rule a line:
 *
 *   module PATH              the real module
 *   log PATH                 append "FUNCTION 0xRV" for every call; C_Login has its user type behind
 *   state PATH               PIN counters survive the process here, as on a token
 *   pin-tries N              lock after N wrong PINs; tell low, final and locked
 *   pinpad PIN               the PIN is typed on the reader; "cancel" cancels
 *   rv FUNC 0xRV [SKIP [N]]  answer RV instead, after SKIP calls, N times
 *   crash|abort|exit|hang FUNC [SKIP]   do that instead, after SKIP calls
 *   thread-crash FUNC        a thread of the driver crashes during FUNC
 *   delay FUNC MS            be slow
 *   stdout TEXT              print TEXT on every call
 *   absent                   no token is in
 *   absent-after FUNC N      the tokens are pulled at the N-th call
 *   removed-as 0xRV          what calls on a pulled token answer; else 0x32, then 0xB3
 *   hide-certs               no certificate is found
 *   ro-only                  read-write sessions are refused
 *   nul-label TEXT           the label ends with NUL and is followed by garbage
 *   null-size-0              length queries answer 0
 *   hide-always              no key says that it wants the PIN at every use
 *   no-locks                 it cannot lock: only one call at a time may be in it, else it aborts
 *   one-lock                 one lock for all calls: lists wait for logins and signatures
 *   corrupt-sig              one bit of every signature is wrong
 *
 * The counts of SKIP, N and absent-after begin anew when the file changes.
 */
#define CK_PTR *
#define NULL_PTR 0
#define CK_DEFINE_FUNCTION(t, n) t n
#define CK_DECLARE_FUNCTION(t, n) t n
#define CK_DECLARE_FUNCTION_POINTER(t, n) t(*n)
#define CK_CALLBACK_FUNCTION(t, n) t(*n)
#include "pkcs11.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_RULES 64
#define MAX_SLOTS 64
#define MAX_SESSIONS 256

struct rule {
	char key[24], a[256], b[64], c[16], d[16];
	long hits;
};

static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER; /* guards everything below */
static struct rule rules[MAX_RULES];
static int nrules;
static struct timespec read_at;
static off_t read_size = -1;
static int pulled; /* by absent-after */

static CK_FUNCTION_LIST real, mine;
static struct {
	CK_SESSION_HANDLE h;
	CK_SLOT_ID slot;
	int lost; /* answers given since the token went */
} sessions[MAX_SESSIONS];

/* ---- rules ---- */

static void load_rules(void)
{
	const char *path = getenv("FAULTP11_CONF");
	char line[512];
	struct stat st;
	FILE *f;

	if (!path || stat(path, &st))
		return;
	if (st.st_mtim.tv_sec == read_at.tv_sec && st.st_mtim.tv_nsec == read_at.tv_nsec && st.st_size == read_size)
		return;
	f = fopen(path, "r");
	if (!f)
		return;
	read_at = st.st_mtim;
	read_size = st.st_size;
	nrules = 0;
	pulled = 0;
	while (nrules < MAX_RULES && fgets(line, sizeof line, f)) {
		struct rule r;

		memset(&r, 0, sizeof r);
		if (sscanf(line, "%23s", r.key) != 1)
			continue;
		if (!strcmp(r.key, "stdout") || !strcmp(r.key, "nul-label"))
			sscanf(line, "%*s %255[^\n]", r.a);
		else
			sscanf(line, "%*s %255s %63s %15s %15s", r.a, r.b, r.c, r.d);
		rules[nrules++] = r;
	}
	fclose(f);
}

static struct rule *find_rule(const char *key, const char *a)
{
	for (int i = 0; i < nrules; i++)
		if (!strcmp(rules[i].key, key) && (!a || !strcmp(rules[i].a, a)))
			return &rules[i];
	return NULL;
}

/* has looks a rule up with fresh rules; the copy is valid after the lock. */
static int has(const char *key, struct rule *out)
{
	struct rule *r;

	pthread_mutex_lock(&mu);
	load_rules();
	r = find_rule(key, NULL);
	if (r && out)
		*out = *r;
	pthread_mutex_unlock(&mu);
	return r != NULL;
}

static void trace_more(const char *func, CK_RV rv, const char *more)
{
	struct rule r;
	FILE *f;

	if (has("log", &r) && (f = fopen(r.a, "a"))) {
		fprintf(f, "%s 0x%lx%s\n", func, rv, more);
		fclose(f);
	}
}

static void trace(const char *func, CK_RV rv)
{
	trace_more(func, rv, "");
}

/* ---- a driver with one lock ---- */

static pthread_mutex_t one_lock = PTHREAD_MUTEX_INITIALIZER;

static pthread_mutex_t within = PTHREAD_MUTEX_INITIALIZER; /* no-locks: somebody is in */

/* enter returns 1 for the lock of one-lock, 2 for that of no-locks. */
static int enter(void)
{
	if (has("no-locks", NULL)) {
		if (pthread_mutex_trylock(&within))
			abort();
		return 2;
	}
	return has("one-lock", NULL) && !pthread_mutex_lock(&one_lock);
}

static void leave(int entered)
{
	if (entered)
		pthread_mutex_unlock(entered == 2 ? &within : &one_lock);
}

/* ---- what can happen before a call ---- */

static void *crash(void *unused)
{
	(void)unused;
	*(volatile int *)8 = 1;
	return NULL;
}

static void act(const char *how)
{
	pthread_t t;

	switch (how[0]) {
	case 'c':
		crash(NULL);
		break;
	case 'a':
		abort();
	case 'e':
		exit(3);
	case 'h':
		for (;;)
			pause();
	case 't':
		pthread_create(&t, NULL, crash, NULL);
		pthread_join(t, NULL);
	}
}

/* due counts a rule's hit and says whether it is past its SKIP and within N. */
static int due(struct rule *r, const char *skip, const char *times)
{
	long n = r->hits++, from = atol(skip);

	return n >= from && (!times[0] || n < from + atol(times));
}

/* before runs the rules of func. It returns 1 when *rv is the answer already. */
static int before(const char *func, CK_RV *rv)
{
	const char *what = "";
	long delay = 0;
	int answered = 0;

	pthread_mutex_lock(&mu);
	load_rules();
	for (int i = 0; i < nrules; i++) {
		struct rule *r = &rules[i];

		if (!strcmp(r->key, "stdout")) {
			printf("%s\n", r->a);
			fflush(stdout);
		}
		if (strcmp(r->a, func))
			continue;
		if (!strcmp(r->key, "delay"))
			delay = atol(r->b);
		else if (!strcmp(r->key, "absent-after"))
			pulled |= ++r->hits >= atol(r->b);
		else if (!strcmp(r->key, "rv") && due(r, r->c, r->d)) {
			*rv = strtoul(r->b, NULL, 0);
			answered = 1;
		} else if (!strcmp(r->key, "thread-crash"))
			what = "thread";
		else if ((!strcmp(r->key, "crash") || !strcmp(r->key, "abort") || !strcmp(r->key, "exit") || !strcmp(r->key, "hang")) && due(r, r->b, ""))
			what = r->key;
	}
	pthread_mutex_unlock(&mu);
	if (delay)
		usleep(delay * 1000);
	act(what);
	if (answered)
		trace(func, *rv);
	return answered;
}

/* ---- tokens that come and go ---- */

/* absent says whether the tokens are out; sessions on them are lost then. */
static int absent(void)
{
	int out;

	pthread_mutex_lock(&mu);
	load_rules();
	out = pulled || find_rule("absent", NULL) != NULL;
	for (int i = 0; out && i < MAX_SESSIONS; i++)
		if (sessions[i].h && !sessions[i].lost) {
			sessions[i].lost = 1;
			real.C_CloseAllSessions(sessions[i].slot); /* a pulled token forgets its login */
		}
	pthread_mutex_unlock(&mu);
	return out;
}

/* session_state is CKR_OK, or what a call on a lost session answers. */
static CK_RV session_state(CK_SESSION_HANDLE h)
{
	CK_RV rv = CKR_OK;
	struct rule r;
	int as = has("removed-as", &r);

	absent();
	pthread_mutex_lock(&mu);
	for (int i = 0; i < MAX_SESSIONS; i++)
		if (sessions[i].h == h && sessions[i].lost)
			rv = sessions[i].lost++ == 1 ? CKR_DEVICE_REMOVED : CKR_SESSION_HANDLE_INVALID;
	pthread_mutex_unlock(&mu);
	return rv && as ? strtoul(r.a, NULL, 0) : rv;
}

static void forget(CK_SESSION_HANDLE h)
{
	pthread_mutex_lock(&mu);
	for (int i = 0; i < MAX_SESSIONS; i++)
		if (sessions[i].h == h)
			sessions[i].h = 0;
	pthread_mutex_unlock(&mu);
}

static CK_SLOT_ID slot_of(CK_SESSION_HANDLE h)
{
	for (int i = 0; i < MAX_SESSIONS; i++)
		if (sessions[i].h == h)
			return sessions[i].slot;
	return 0;
}

/* ---- PIN counters ---- */

/* tries reads the tries left on a slot's token; set >= 0 writes them. */
static long tries(CK_SLOT_ID slot, long set)
{
	struct rule r;
	char path[400], fresh[420];
	CK_TOKEN_INFO ti;
	FILE *f;
	long n = has("pin-tries", &r) ? atol(r.a) : 0;

	if (!has("state", &r) || real.C_GetTokenInfo(slot, &ti))
		return n;
	snprintf(path, sizeof path, "%s.%.16s", r.a, (char *)ti.serialNumber);
	if (set >= 0) { /* at once or not at all: the process may be killed here */
		snprintf(fresh, sizeof fresh, "%s.%d", path, (int)getpid());
		if ((f = fopen(fresh, "w"))) {
			fprintf(f, "%ld", set);
			fclose(f);
			rename(fresh, path);
		}
		return set;
	}
	if ((f = fopen(path, "r"))) {
		if (fscanf(f, "%ld", &n) != 1)
			n = 0;
		fclose(f);
	}
	return n;
}

static long max_tries(void)
{
	struct rule r;

	return has("pin-tries", &r) ? atol(r.a) : 0;
}

/* ---- the functions ---- */

#define BEFORE(func)                     \
	CK_RV rv;                        \
	if (before(#func, &rv))          \
	return rv
#define ON_SESSION(func, h)              \
	if ((rv = session_state(h))) {   \
		trace(#func, rv);        \
		return rv;               \
	}
#define DONE(func)                       \
	trace(#func, rv);                \
	return rv

static CK_RV f_C_Initialize(CK_VOID_PTR args)
{
	BEFORE(C_Initialize);
	if (args && ((CK_C_INITIALIZE_ARGS_PTR)args)->flags & CKF_OS_LOCKING_OK && has("no-locks", NULL))
		rv = CKR_CANT_LOCK;
	else
		rv = real.C_Initialize(args);
	DONE(C_Initialize);
}

static CK_RV f_C_Finalize(CK_VOID_PTR reserved)
{
	BEFORE(C_Finalize);
	rv = real.C_Finalize(reserved);
	DONE(C_Finalize);
}

static CK_RV f_C_GetSlotList(CK_BBOOL present, CK_SLOT_ID_PTR list, CK_ULONG_PTR n)
{
	CK_SLOT_ID all[MAX_SLOTS];
	CK_ULONG count = MAX_SLOTS;

	leave(enter());
	BEFORE(C_GetSlotList);
	rv = real.C_GetSlotList(present, all, &count);
	if (rv == CKR_OK) {
		if (present && absent())
			count = 0;
		if (list && *n < count)
			rv = CKR_BUFFER_TOO_SMALL;
		else if (list)
			memcpy(list, all, count * sizeof *all);
		*n = !list && has("null-size-0", NULL) ? 0 : count;
	}
	DONE(C_GetSlotList);
}

static CK_RV f_C_GetSlotInfo(CK_SLOT_ID slot, CK_SLOT_INFO_PTR info)
{
	BEFORE(C_GetSlotInfo);
	rv = real.C_GetSlotInfo(slot, info);
	if (rv == CKR_OK && absent())
		info->flags &= ~CKF_TOKEN_PRESENT;
	DONE(C_GetSlotInfo);
}

static CK_RV f_C_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info)
{
	struct rule r;
	long max, left;

	leave(enter());
	BEFORE(C_GetTokenInfo);
	if (absent())
		rv = CKR_TOKEN_NOT_PRESENT;
	else
		rv = real.C_GetTokenInfo(slot, info);
	if (rv == CKR_OK) {
		max = max_tries();
		left = tries(slot, -1);
		if (max && left < max)
			info->flags |= CKF_USER_PIN_COUNT_LOW;
		if (max && left == 1)
			info->flags |= CKF_USER_PIN_FINAL_TRY;
		if (max && left <= 0)
			info->flags |= CKF_USER_PIN_LOCKED;
		if (has("pinpad", NULL))
			info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
		if (has("nul-label", &r)) {
			memset(info->label, 0xC3, sizeof info->label);
			snprintf((char *)info->label, sizeof info->label, "%.31s", r.a);
		}
	}
	DONE(C_GetTokenInfo);
}

static CK_RV f_C_OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR app, CK_NOTIFY notify, CK_SESSION_HANDLE_PTR h)
{
	BEFORE(C_OpenSession);
	if (absent())
		rv = CKR_TOKEN_NOT_PRESENT;
	else if ((flags & CKF_RW_SESSION) && has("ro-only", NULL))
		rv = CKR_TOKEN_WRITE_PROTECTED;
	else
		rv = real.C_OpenSession(slot, flags, app, notify, h);
	if (rv == CKR_OK) {
		forget(*h); /* a lost session may have had the same number */
		pthread_mutex_lock(&mu);
		for (int i = 0; i < MAX_SESSIONS; i++)
			if (!sessions[i].h) {
				sessions[i].h = *h;
				sessions[i].slot = slot;
				sessions[i].lost = 0;
				break;
			}
		pthread_mutex_unlock(&mu);
	}
	DONE(C_OpenSession);
}

static CK_RV f_C_CloseSession(CK_SESSION_HANDLE h)
{
	BEFORE(C_CloseSession);
	ON_SESSION(C_CloseSession, h);
	forget(h);
	rv = real.C_CloseSession(h);
	DONE(C_CloseSession);
}

/* typed gives the PIN that comes from the reader; 0 when the person cancels. */
static int typed(const char *pad, CK_UTF8CHAR_PTR *pin, CK_ULONG *len)
{
	*pin = (CK_UTF8CHAR_PTR)pad;
	*len = strlen(pad);
	return strcmp(pad, "cancel") != 0;
}

/* count keeps the PIN counter of the token after a PIN was looked at. */
static CK_RV count(CK_SLOT_ID slot, CK_RV rv)
{
	long max = max_tries(), left = tries(slot, -1);

	if (max && rv == CKR_OK)
		tries(slot, max);
	if (max && rv == CKR_PIN_INCORRECT && tries(slot, left - 1) == 0)
		rv = CKR_PIN_LOCKED;
	return rv;
}

static CK_RV login(CK_SESSION_HANDLE h, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG len)
{
	struct rule pad;
	CK_SLOT_ID slot;
	CK_RV rv;

	if (before("C_Login", &rv)) /* it has written its line */
		return rv;
	if (!(rv = session_state(h))) {
		slot = slot_of(h);
		if (user != CKU_SO && max_tries() && tries(slot, -1) <= 0)
			rv = CKR_PIN_LOCKED;
		else if (has("pinpad", &pad) && pin)
			rv = CKR_ARGUMENTS_BAD;
		else if (has("pinpad", &pad) && !typed(pad.a, &pin, &len))
			rv = CKR_FUNCTION_CANCELED;
		else
			rv = real.C_Login(h, user, pin, len);
		if (user != CKU_SO && (rv == CKR_OK || rv == CKR_PIN_INCORRECT))
			rv = count(slot, rv);
	}
	trace_more("C_Login", rv, user == CKU_USER ? " user" : user == CKU_SO ? " so" : " context");
	return rv;
}

static CK_RV f_C_Login(CK_SESSION_HANDLE h, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG len)
{
	int in = enter();
	CK_RV rv = login(h, user, pin, len);

	leave(in);
	return rv;
}

static CK_RV f_C_Logout(CK_SESSION_HANDLE h)
{
	BEFORE(C_Logout);
	ON_SESSION(C_Logout, h);
	rv = real.C_Logout(h);
	DONE(C_Logout);
}

static CK_RV f_C_SetPIN(CK_SESSION_HANDLE h, CK_UTF8CHAR_PTR old, CK_ULONG oldlen, CK_UTF8CHAR_PTR fresh, CK_ULONG freshlen)
{
	CK_SLOT_ID slot;

	BEFORE(C_SetPIN);
	ON_SESSION(C_SetPIN, h);
	slot = slot_of(h);
	if (max_tries() && tries(slot, -1) <= 0)
		rv = CKR_PIN_LOCKED;
	else
		rv = count(slot, real.C_SetPIN(h, old, oldlen, fresh, freshlen));
	DONE(C_SetPIN);
}

static CK_RV f_C_GetMechanismList(CK_SLOT_ID slot, CK_MECHANISM_TYPE_PTR list, CK_ULONG_PTR n)
{
	BEFORE(C_GetMechanismList);
	rv = real.C_GetMechanismList(slot, list, n);
	if (!list && has("null-size-0", NULL))
		*n = 0;
	DONE(C_GetMechanismList);
}

static CK_RV f_C_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID_PTR slot, CK_VOID_PTR reserved)
{
	BEFORE(C_WaitForSlotEvent);
	rv = real.C_WaitForSlotEvent(flags, slot, reserved);
	DONE(C_WaitForSlotEvent);
}

static CK_RV f_C_FindObjectsInit(CK_SESSION_HANDLE h, CK_ATTRIBUTE_PTR t, CK_ULONG n)
{
	static CK_OBJECT_CLASS none = 0x7fffffffUL;
	CK_ATTRIBUTE nothing = { CKA_CLASS, &none, sizeof none };

	BEFORE(C_FindObjectsInit);
	ON_SESSION(C_FindObjectsInit, h);
	for (CK_ULONG i = 0; i < n; i++)
		if (t[i].type == CKA_CLASS && *(CK_OBJECT_CLASS *)t[i].pValue == CKO_CERTIFICATE && has("hide-certs", NULL)) {
			t = &nothing;
			n = 1;
			break;
		}
	rv = real.C_FindObjectsInit(h, t, n);
	DONE(C_FindObjectsInit);
}

static CK_RV f_C_FindObjects(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE_PTR o, CK_ULONG max, CK_ULONG_PTR n)
{
	BEFORE(C_FindObjects);
	ON_SESSION(C_FindObjects, h);
	rv = real.C_FindObjects(h, o, max, n);
	DONE(C_FindObjects);
}

static CK_RV f_C_GetAttributeValue(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE o, CK_ATTRIBUTE_PTR t, CK_ULONG n)
{
	BEFORE(C_GetAttributeValue);
	ON_SESSION(C_GetAttributeValue, h);
	if (n && !t[0].pValue && has("null-size-0", NULL)) {
		for (CK_ULONG i = 0; i < n; i++)
			t[i].ulValueLen = 0;
		rv = CKR_OK;
	} else
		rv = real.C_GetAttributeValue(h, o, t, n);
	if (rv == CKR_OK && n && t[0].type == CKA_ALWAYS_AUTHENTICATE && t[0].pValue && has("hide-always", NULL))
		*(CK_BBOOL *)t[0].pValue = CK_FALSE;
	DONE(C_GetAttributeValue);
}

static CK_RV f_C_SignInit(CK_SESSION_HANDLE h, CK_MECHANISM_PTR m, CK_OBJECT_HANDLE key)
{
	BEFORE(C_SignInit);
	ON_SESSION(C_SignInit, h);
	rv = real.C_SignInit(h, m, key);
	DONE(C_SignInit);
}

static CK_RV sign(CK_SESSION_HANDLE h, CK_BYTE_PTR data, CK_ULONG len, CK_BYTE_PTR sig, CK_ULONG_PTR siglen)
{
	BEFORE(C_Sign);
	ON_SESSION(C_Sign, h);
	rv = real.C_Sign(h, data, len, sig, siglen);
	if (rv == CKR_OK && has("corrupt-sig", NULL))
		sig[*siglen / 2] ^= 1;
	DONE(C_Sign);
}

/* A length query is no signature: it is not logged, and rules do not see it. */
static CK_RV f_C_Sign(CK_SESSION_HANDLE h, CK_BYTE_PTR data, CK_ULONG len, CK_BYTE_PTR sig, CK_ULONG_PTR siglen)
{
	CK_RV rv;
	int in;

	if (!sig && has("null-size-0", NULL)) {
		*siglen = 0;
		return CKR_OK;
	}
	if (!sig) {
		rv = session_state(h);
		return rv ? rv : real.C_Sign(h, data, len, sig, siglen);
	}
	in = enter();
	rv = sign(h, data, len, sig, siglen);
	leave(in);
	return rv;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR out)
{
	CK_RV (*get)(CK_FUNCTION_LIST_PTR_PTR);
	CK_FUNCTION_LIST_PTR list;
	struct rule r;
	void *lib;

	BEFORE(C_GetFunctionList);
	if (!has("module", &r) || !(lib = dlopen(r.a, RTLD_NOW)) || !(get = dlsym(lib, "C_GetFunctionList")) || get(&list))
		return CKR_GENERAL_ERROR;
	real = mine = *list;
#define OVERRIDE(func) mine.func = f_##func
	OVERRIDE(C_Initialize);
	OVERRIDE(C_Finalize);
	OVERRIDE(C_GetSlotList);
	OVERRIDE(C_GetSlotInfo);
	OVERRIDE(C_GetTokenInfo);
	OVERRIDE(C_OpenSession);
	OVERRIDE(C_CloseSession);
	OVERRIDE(C_Login);
	OVERRIDE(C_Logout);
	OVERRIDE(C_SetPIN);
	OVERRIDE(C_GetMechanismList);
	OVERRIDE(C_WaitForSlotEvent);
	OVERRIDE(C_FindObjectsInit);
	OVERRIDE(C_FindObjects);
	OVERRIDE(C_GetAttributeValue);
	OVERRIDE(C_SignInit);
	OVERRIDE(C_Sign);
	mine.C_GetFunctionList = C_GetFunctionList;
	*out = &mine;
	return CKR_OK;
}
