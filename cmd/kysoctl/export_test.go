package main

// Main runs the command for the script tests.
func Main() int { return start() }

// ProgramVersion is what the doctor says of the program.
const ProgramVersion = programVersion
