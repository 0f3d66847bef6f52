// Package judges holds the tests in which foreign programs judge the document
// server, its contract and its client: tus-js-client, @tus/server, Prism as
// validating proxy, Redocly, oidc-provider. "make judges" installs them below build/ and runs the
// tests; without them the tests are skipped. One more judge is one more line in
// package.json and one more test.
package judges
