package refserver

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// gauges are the figures for those who run the server. They name calls and
// never documents, people or addresses.
type gauges struct {
	registry *prometheus.Registry
	calls    *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	bytes    *prometheus.CounterVec
	verdicts *prometheus.CounterVec
	uploads  *prometheus.CounterVec
	running  prometheus.Gauge
}

func newGauges() *gauges {
	g := &gauges{
		registry: prometheus.NewRegistry(),
		calls:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kyso_calls_total", Help: "Calls that were answered."}, []string{"call", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "kyso_call_seconds", Help: "Time to the end of an answer.", Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60},
		}, []string{"call"}),
		bytes:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kyso_file_bytes_total", Help: "Bytes of files, in and out."}, []string{"direction"}),
		verdicts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kyso_verdicts_total", Help: "Versions that were verified, by state."}, []string{"state"}),
		uploads:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kyso_uploads_total", Help: "Uploads in pieces that ended, by how."}, []string{"end"}),
		running:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "kyso_calls_running", Help: "Calls that are being answered."}),
	}
	g.registry.MustRegister(g.calls, g.seconds, g.bytes, g.verdicts, g.uploads, g.running,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return g
}

// collector reads figures of the database when they are asked for.
type collector struct {
	s                                           *Server
	jobs, oldest, entries, uploads, connections *prometheus.Desc
}

func newCollector(s *Server) collector {
	desc := func(name, help string) *prometheus.Desc { return prometheus.NewDesc(name, help, nil, nil) }
	return collector{
		s:           s,
		jobs:        desc("kyso_jobs", "Versions that wait for their verification."),
		oldest:      desc("kyso_job_oldest_seconds", "How long the oldest of them has been due."),
		entries:     desc("kyso_audit_entries", "Entries of the audit log."),
		uploads:     desc("kyso_uploads_open", "Uploads in pieces that are under way."),
		connections: desc("kyso_database_connections_in_use", "Connections of the database that write."),
	}
}

// Describe tells the figures.
func (c collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.jobs, c.oldest, c.entries, c.uploads, c.connections} {
		out <- d
	}
}

// Collect reads the figures; one that cannot be read is left out.
func (c collector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := c.s.background(readyWithin)
	defer cancel()
	var n, first int64
	if err := c.s.db.QueryRow(ctx, `SELECT count(*), coalesce(min(run_at),0) FROM job`).Scan(&n, &first); err == nil {
		out <- prometheus.MustNewConstMetric(c.jobs, prometheus.GaugeValue, float64(n))
		age := 0.0
		if n > 0 {
			age = max(0, c.s.clock().Sub(time.UnixMilli(first)).Seconds())
		}
		out <- prometheus.MustNewConstMetric(c.oldest, prometheus.GaugeValue, age)
	}
	if size, err := c.s.auditSize(ctx); err == nil {
		out <- prometheus.MustNewConstMetric(c.entries, prometheus.GaugeValue, float64(size))
	}
	if err := c.s.db.QueryRow(ctx, `SELECT count(*) FROM upload WHERE received<size`).Scan(&n); err == nil {
		out <- prometheus.MustNewConstMetric(c.uploads, prometheus.GaugeValue, float64(n))
	}
	out <- prometheus.MustNewConstMetric(c.connections, prometheus.GaugeValue, float64(c.s.db.Stats().InUse))
}

const readyWithin = 5 * time.Second

// Operations serves what those who run the server need: /livez (the process
// answers), /readyz (the database does, too) and /metrics (Prometheus). It has
// no log-in: it belongs on an address that users do not reach.
func (s *Server) Operations() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := s.db.Ping(r.Context()); err != nil {
			s.log.WarnContext(r.Context(), "not ready", slog.Any("error", err))
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		_, _ = fmt.Fprintln(w, "ok")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.gauges.registry, promhttp.HandlerOpts{Timeout: 2 * readyWithin, MaxRequestsInFlight: 2}))
	return mux
}

// measured counts what goes over a connection.
type measured struct {
	http.ResponseWriter

	status int
	bytes  int64
}

// WriteHeader notes the status.
func (m *measured) WriteHeader(status int) {
	if m.status == 0 {
		m.status = status
	}
	m.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes.
func (m *measured) Write(p []byte) (int, error) {
	if m.status == 0 {
		m.status = http.StatusOK
	}
	n, err := m.ResponseWriter.Write(p)
	m.bytes += int64(n)
	return n, err //nolint:wrapcheck // a writer's own
}

// Unwrap lets http.ResponseController reach the connection.
func (m *measured) Unwrap() http.ResponseWriter { return m.ResponseWriter }

// measure counts a call and writes a line of the log: who called what, never
// with what. The request's id is in the answer, for the support desk.
func (s *Server) measure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin, id := time.Now(), rand.Text()[:16] // a duration, not the time of a fact
		w.Header().Set("X-Request-Id", id)
		m := &measured{ResponseWriter: w}
		s.gauges.running.Inc()
		defer s.gauges.running.Dec()
		next.ServeHTTP(m, r)
		call := r.Pattern
		if call == "" || call == "/" {
			call = "other"
		}
		took := time.Since(begin)
		s.gauges.calls.WithLabelValues(call, strconv.Itoa(m.status)).Inc()
		s.gauges.seconds.WithLabelValues(call).Observe(took.Seconds())
		if isTransfer(r) {
			s.gauges.bytes.WithLabelValues("out").Add(float64(m.bytes))
			if !isUpload(r) { // they count what they keep
				s.gauges.bytes.WithLabelValues("in").Add(float64(max(0, r.ContentLength)))
			}
		}
		s.log.InfoContext(r.Context(), "call", slog.String("id", id), slog.String("call", call), slog.Int("status", m.status),
			slog.Int64("bytes", m.bytes), slog.Duration("took", took))
	})
}
