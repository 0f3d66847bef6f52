package refserver

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Tamper runs a statement behind the server's back.
func (s *Server) Tamper(ctx context.Context, query string) error {
	_, err := s.db.Exec(ctx, query)
	return err
}

// ForgetFeed is what the calendar does.
func (s *Server) ForgetFeed(ctx context.Context) error { return s.forgetFeed(ctx) }

// Plans are the plans of all statements that were run, by statement; none on PostgreSQL.
func (s *Server) Plans(ctx context.Context) (map[string][]string, error) {
	plans := map[string][]string{}
	for _, statement := range s.db.Statements() {
		steps, err := s.plan(ctx, statement)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", statement, err)
		}
		plans[statement] = steps
	}
	return plans, nil
}

func (s *Server) plan(ctx context.Context, statement string) (steps []string, err error) {
	rows, err := s.db.Query(ctx, "EXPLAIN QUERY PLAN "+statement, make([]any, strings.Count(statement, "?"))...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			return nil, err
		}
		steps = append(steps, step)
	}
	return steps, rows.Err()
}
