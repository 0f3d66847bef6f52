package pdf

func (f *File) rebuild(old *Dict) error { return errEnd }
