package refserver

import "context"

// Tamper runs a statement behind the server's back.
func (s *Server) Tamper(ctx context.Context, query string) error {
	_, err := s.db.Exec(ctx, query)
	return err
}

// ForgetFeed is what the calendar does.
func (s *Server) ForgetFeed(ctx context.Context) error { return s.forgetFeed(ctx) }
