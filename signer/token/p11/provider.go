package p11
