//go:build !windows

package app

// helperName is the file name of the token helper.
const helperName = "kyso-token"
