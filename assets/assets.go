// Package assets holds the files that are built into the program: fonts,
// icons, translations.
//
// It hands out bytes and knows nothing of their use. Licences lie beside the
// files.
package assets
