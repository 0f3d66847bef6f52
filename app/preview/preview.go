// Package preview shows PDF pages as pictures and gives their text with places.
//
// Pages are drawn by pdfium compiled to WebAssembly, in a sandbox without files
// or network. It never changes a file and never decides about signatures.
package preview
