package login

import "net/url"

// Judge reads an answer in the browser to a log-in with a state at an issuer that names itself.
func Judge(state, issuer, query string) (code string, err error, ours bool) {
	w := &waiting{state: state, issuer: issuer, namesIssuer: true}
	q, _ := url.ParseQuery(query)
	a, ours := w.judge(q)
	return a.code, a.err, ours
}
