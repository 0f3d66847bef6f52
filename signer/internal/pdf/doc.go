// Package pdf reads PDF files lazily and appends revisions to them.
//
// It holds no file in memory: the cross-reference sections are read once, each
// object when it is asked for. Bytes that are not asked for are never looked
// at. It keeps the file's revisions apart (ISO 32000-2, 7.5.6), so that the
// document can be read as it was when it was signed.
//
// It is not a renderer and not an editor: content streams are opaque, and
// nothing that is in the file is ever rewritten.
package pdf
