package docsys

import _ "embed"

// Contract is openapi.yaml: the interface that a document system offers.
//
//go:embed openapi.yaml
var Contract []byte
