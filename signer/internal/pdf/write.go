package pdf

type NewStream struct{}
type Placeholder struct{}
