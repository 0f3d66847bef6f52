package outgoing_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"kyso/app/docsys/refserver/outgoing"
)

func get(t *testing.T, c *http.Client, url string) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	return err
}

func TestWhatIsNotPublicIsNotReached(t *testing.T) {
	asked := 0
	web := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	t.Cleanup(web.Close)
	_, port, _ := strings.Cut(strings.TrimPrefix(web.URL, "http://"), ":")
	c := outgoing.Client(2*time.Second, nil)
	for name, url := range map[string]string{
		"loopback":                   web.URL,
		"loopback by name":           "http://localhost:" + port,
		"another loopback":           "http://127.1.2.3/",
		"loopback of IPv6":           "http://[::1]/",
		"loopback, mapped":           "http://[::ffff:127.0.0.1]/",
		"every address":              "http://0.0.0.0/",
		"a private network":          "http://10.1.2.3/ocsp",
		"a private network, 172.16":  "http://172.16.0.1/",
		"a private network, 192.168": "http://192.168.1.1/",
		"a cloud's metadata":         "http://169.254.169.254/latest/meta-data/",
		"link-local of IPv6":         "http://[fe80::1]/",
		"unique local of IPv6":       "http://[fd00::1]/",
		"private by NAT64":           "http://[64:ff9b::a01:203]/",
		"private by 6to4":            "http://[2002:a01:203::1]/",
		"a carrier's network":        "http://100.64.0.1/",
		"multicast":                  "http://224.0.0.1/",
		"broadcast":                  "http://255.255.255.255/",
		"another port":               "http://1.1.1.1:22/",
	} {
		t.Run(name, func(t *testing.T) {
			if err := get(t, c, url); !errors.Is(err, outgoing.ErrForbidden) {
				t.Errorf("got %v, want ErrForbidden", err)
			}
		})
	}
	if asked != 0 {
		t.Errorf("the server on loopback was asked %d times", asked)
	}
}

func TestAnAllowedNetworkIsReachedAndNoFurther(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "http://10.1.2.3/", http.StatusFound)
		}
	}))
	t.Cleanup(web.Close)
	c := outgoing.Client(2*time.Second, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	if err := get(t, c, web.URL); err != nil {
		t.Errorf("the allowed network: %v", err)
	}
	if err := get(t, c, web.URL+"/away"); !errors.Is(err, outgoing.ErrForbidden) {
		t.Errorf("a redirect out of it: %v", err)
	}
}
