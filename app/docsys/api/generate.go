// Package api is the contract of openapi.yaml as Go code: models, client and
// the server's routing. It is generated; the meaning lives in the contract,
// in docsys (client side) and in docsys/refserver (server side).
package api

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config config.yaml ../openapi.yaml
