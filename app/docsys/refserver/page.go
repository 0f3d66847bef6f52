package refserver

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"kyso/app/docsys"
)

// pageHTML shows the contract: no script, nothing from elsewhere.
//
//go:embed page.html
var pageHTML string

// problemsCSV are all types of problems that the server answers with.
//
//go:embed problems.csv
var problemsCSV string

// contractPage is what the page shows.
type contractPage struct {
	Title, Version, Summary, Description string
	Groups                               []callGroup
	Schemas                              []schemaView
	Problems                             []problemView
}

type callGroup struct {
	Name  string
	Calls []callView
}

type callView struct {
	ID, Method, Path, Summary, Description string
	Public                                 bool
	Roles                                  []roleView
	Parameters                             []fieldView
	Body, Example                          string
	Answers                                []answerView
}

type roleView struct{ Role, Scope string }

type fieldView struct {
	Name, In, Type, Description string
	Required                    bool
}

type answerView struct{ Status, Description, Schema string }

type schemaView struct {
	Name    string
	Fields  []fieldView
	Example string
}

type problemView struct{ Kind, Status, Meaning, Next string }

// The parts of OpenAPI that the contract uses.
type (
	openAPI struct {
		Info struct {
			Title, Version, Summary, Description string
		}
		Tags       []struct{ Name string }
		Paths      map[string]pathItem
		Components struct {
			Schemas    map[string]schema
			Parameters map[string]parameter
			Responses  map[string]response
		}
	}
	pathItem struct {
		Parameters                                   []parameter
		Get, Put, Post, Patch, Delete, Head, Options *operation
	}
	operation struct {
		OperationID, Summary, Description string
		Tags                              []string
		Parameters                        []parameter
		RequestBody                       struct{ Content map[string]media } `yaml:"requestBody"`
		Responses                         map[string]response
	}
	parameter struct {
		Ref, Name, In, Description string
		Required                   bool
		Schema                     schema
	}
	response struct {
		Ref         string `yaml:"$ref"`
		Description string
		Content     map[string]media
	}
	media  struct{ Schema schema }
	schema struct {
		Ref         string `yaml:"$ref"`
		Type        string
		Format      string
		Pattern     string
		Description string
		Required    []string
		Properties  map[string]schema
		Items       *schema
		Enum        []string
		Example     any
	}
)

// UnmarshalYAML reads "$ref" and the names in camel case.
func (o *operation) UnmarshalYAML(n *yaml.Node) error {
	type plain operation
	var ids struct {
		OperationID string `yaml:"operationId"`
	}
	if err := errors.Join(n.Decode((*plain)(o)), n.Decode(&ids)); err != nil {
		return err
	}
	o.OperationID = ids.OperationID
	return nil
}

// UnmarshalYAML reads "$ref".
func (p *parameter) UnmarshalYAML(n *yaml.Node) error {
	type plain parameter
	var ref struct {
		Ref string `yaml:"$ref"`
	}
	if err := errors.Join(n.Decode((*plain)(p)), n.Decode(&ref)); err != nil {
		return err
	}
	p.Ref = ref.Ref
	return nil
}

// renderPage makes the page once; the contract is part of the program.
func renderPage(table rights) ([]byte, error) {
	var doc openAPI
	if err := yaml.Unmarshal(docsys.Contract, &doc); err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	page := contractPage{Title: doc.Info.Title, Version: doc.Info.Version, Summary: doc.Info.Summary, Description: doc.Info.Description}
	for _, tag := range doc.Tags {
		page.Groups = append(page.Groups, callGroup{Name: tag.Name, Calls: doc.calls(tag.Name, table)})
	}
	for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
		sc := doc.Components.Schemas[name]
		page.Schemas = append(page.Schemas, schemaView{Name: name, Fields: sc.fields(), Example: doc.example(sc)})
	}
	lines, err := csv.NewReader(strings.NewReader(problemsCSV)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read the problems: %w", err)
	}
	for _, l := range lines[1:] {
		page.Problems = append(page.Problems, problemView{l[0], l[1], l[2], l[3]})
	}
	t, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return nil, fmt.Errorf("read the page: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, page); err != nil {
		return nil, fmt.Errorf("render the page: %w", err)
	}
	return out.Bytes(), nil
}

// calls are those of a tag, by path.
func (d openAPI) calls(tag string, table rights) []callView {
	var out []callView
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		item := d.Paths[path]
		for _, m := range []struct {
			method string
			op     *operation
		}{{"GET", item.Get}, {"HEAD", item.Head}, {"POST", item.Post}, {"PUT", item.Put}, {"PATCH", item.Patch}, {"DELETE", item.Delete}, {"OPTIONS", item.Options}} {
			if m.op != nil && slices.Contains(m.op.Tags, tag) {
				out = append(out, d.call(m.method, path, item, *m.op, table))
			}
		}
	}
	return out
}

func (d openAPI) call(method, path string, item pathItem, op operation, table rights) callView {
	v := callView{ID: op.OperationID, Method: method, Path: path, Summary: op.Summary, Description: op.Description, Public: table.public(method + " " + path)}
	for _, role := range roleOrder() {
		if sc := table[method+" "+path][role]; sc != scopeNone && !v.Public {
			v.Roles = append(v.Roles, roleView{role, string(sc)})
		}
	}
	for _, p := range append(slices.Clone(item.Parameters), op.Parameters...) {
		if p.Ref != "" {
			p = d.Components.Parameters[last(p.Ref)]
		}
		v.Parameters = append(v.Parameters, fieldView{p.Name, p.In, p.Schema.word(), p.Description, p.Required})
	}
	for _, kind := range slices.Sorted(maps.Keys(op.RequestBody.Content)) {
		sc := op.RequestBody.Content[kind].Schema
		v.Body = strings.TrimPrefix(v.Body+", "+kind, ", ")
		if sc.Ref != "" {
			v.Body, v.Example = last(sc.Ref), d.example(sc)
		}
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		r := op.Responses[status]
		if r.Ref != "" {
			r = d.Components.Responses[last(r.Ref)]
		}
		a := answerView{Status: status, Description: r.Description}
		for _, m := range r.Content {
			a.Schema = last(m.Schema.Ref)
		}
		v.Answers = append(v.Answers, a)
	}
	return v
}

func last(ref string) string { return ref[strings.LastIndex(ref, "/")+1:] }

// word is the type as one word or two.
func (s schema) word() string {
	switch {
	case s.Ref != "":
		return last(s.Ref)
	case s.Items != nil:
		return "list of " + s.Items.word()
	case len(s.Enum) > 0:
		return strings.Join(s.Enum, " | ")
	case s.Format != "":
		return s.Type + " (" + s.Format + ")"
	}
	return s.Type
}

func (s schema) fields() []fieldView {
	var out []fieldView
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		out = append(out, fieldView{name, "", p.word(), p.Description, slices.Contains(s.Required, name)})
	}
	return out
}

// example is a value of a schema as JSON.
func (d openAPI) example(s schema) string {
	text, err := json.MarshalIndent(d.value(s, 0), "", "  ")
	if err != nil {
		return ""
	}
	return string(text)
}

const maxDepth = 6

func (d openAPI) value(s schema, depth int) any {
	if s.Ref != "" {
		s = d.Components.Schemas[last(s.Ref)]
	}
	switch {
	case depth > maxDepth:
		return nil
	case s.Example != nil:
		return s.Example
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Items != nil:
		return []any{d.value(*s.Items, depth+1)}
	case s.Type == "object":
		out := map[string]any{}
		for name, p := range s.Properties {
			out[name] = d.value(p, depth+1)
		}
		return out
	case s.Type == "integer":
		return 1
	case s.Type == "boolean":
		return false
	case s.Format == "date-time":
		return "2026-11-23T07:05:09Z"
	case s.Format == "date", strings.Contains(s.Description, "yyyy-MM-dd"):
		return "2026-11-23"
	}
	return "…"
}

// servePage shows the contract. Problems' types lead to it too.
func (s *Server) servePage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	_, _ = w.Write(s.shown) // the client is gone when this fails
}
