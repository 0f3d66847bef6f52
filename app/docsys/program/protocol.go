package program

import (
	"time"

	"kyso/app/docsys"
)

// Version is the protocol's version, in every request.
const Version = 1

// Request is the one line that a program gets first.
type Request struct {
	Kyso int    `json:"kyso"` // Version
	Call string `json:"call"` // "check", "submit", "status"
	// Login and Password are those of the settings, empty without; never in an
	// argument or the environment.
	Login    string `json:"login,omitempty"`
	Password string `json:"password,omitempty"`
	// Submission comes with "submit".
	Submission *Submission `json:"submission,omitempty"`
	// Version comes with "status": that of the receipt.
	Version string `json:"version,omitempty"`
}

// Submission is docsys.Submission for a program.
type Submission struct {
	Key         string          `json:"key"`
	Document    string          `json:"document"`
	BaseVersion string          `json:"base_version,omitempty"`
	Stage       string          `json:"stage"`
	SHA256      string          `json:"sha256"`
	Size        int64           `json:"size"`
	File        string          `json:"file"` // path of the PDF; it is gone after the call
	Metadata    docsys.Metadata `json:"metadata"`
	// Resume is the last "remember" of this submission.
	Resume string `json:"resume,omitempty"`
}

// Line is one line of a program. Exactly one of its fields is set. Receipt,
// Status, Result and Problem end the call.
type Line struct {
	// Progress is how many bytes the system took so far.
	Progress *int64 `json:"progress,omitempty"`
	// Remember asks to keep a text, durably; the program waits for the Reply.
	Remember *string `json:"remember,omitempty"`
	// Committing says that the system is about to be asked to keep the document;
	// the program waits for the Reply and stops when it is not OK.
	Committing bool `json:"committing,omitempty"`
	// Step names what a check tried with success.
	Step string `json:"step,omitempty"`

	Receipt *docsys.Receipt       `json:"receipt,omitempty"`
	Status  *docsys.VersionStatus `json:"status,omitempty"`
	Result  *Result               `json:"result,omitempty"` // of a check
	Problem *Problem              `json:"problem,omitempty"`
}

// ends reports a line that ends the call.
func (l Line) ends() bool {
	return l.Receipt != nil || l.Status != nil || l.Result != nil || l.Problem != nil
}

// Reply is the answer to "remember" and "committing".
type Reply struct {
	OK bool `json:"ok"`
}

// Result is what a check found.
type Result struct {
	System   string `json:"system"`
	Verifies bool   `json:"verifies"`
}

// Problem is a refusal. Status takes the meanings of HTTP: 401 asks for the
// log-in, 409, 412 and 422 for a person, 503 for a later try; 0 means 500.
type Problem struct {
	Type       string `json:"type,omitempty"`
	Title      string `json:"title"`
	Detail     string `json:"detail,omitempty"`
	Status     int    `json:"status"`
	Retryable  bool   `json:"retryable"`
	RetryAfter int    `json:"retry_after,omitempty"` // seconds
}

// problem gives the refusal as the outbox knows it.
func (p Problem) problem() *docsys.Problem {
	const serverError = 500
	out := &docsys.Problem{
		Type: p.Type, Title: p.Title, Detail: p.Detail, Status: p.Status, Retryable: p.Retryable,
		RetryAfter: time.Duration(max(0, p.RetryAfter)) * time.Second,
	}
	if out.Status == 0 {
		out.Status, out.Retryable = serverError, true
	}
	if out.Title == "" {
		out.Title = "Chương trình kết nối báo lỗi"
	}
	return out
}
