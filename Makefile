# Ký số. Two commands matter: make run, make test. The rest is below.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# gles,x11 compiles in a fraction of the time of desktop OpenGL and paints the same.
TAGS := migrated_fynedo,gles,x11
RELEASE_TAGS := migrated_fynedo
export CGO_ENABLED := 1
DEMO := build/demo
# Their tests run on Windows, too.
WINDOWS := association blob desktop docsys/folder handout journal keyring network session settings turn
PROGRAMS := kyso kyso-token kyso-provision kysoctl docserver

.PHONY: help
help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: run
run: programs ## build, prepare the demonstration, start its server and open the window
	@bin/kysoctl demo --window --dir $(DEMO)

.PHONY: demo
demo: programs ## walk the same road without a window and print each step
	@bin/kysoctl demo --dir $(DEMO)

.PHONY: test
test: ## everything, without a display, race detector on; ends with the count of tests
	@.ci/install build run test
	@go vet -tags $(TAGS) ./...
	@# The race detector makes SQLite, which is translated Go, ten times slower and finds nothing there that it
	@# does not find beside PostgreSQL; and hundreds of windows are drawn in one goroutine.
	@{ KYSO_ENGINE=postgres go test -race -tags $(TAGS) -timeout 20m -v ./... 2>&1; \
	KYSO_ENGINE=sqlite go test -tags $(TAGS) -timeout 20m -v ./app/docsys/refserver ./app/gui ./app/tray 2>&1; } | .ci/count-tests

.PHONY: kill-client
kill-client: ## kill real clients at KILLS=300 random moments over a line that cuts, delays, doubles and corrupts
	@KYSO_KILLS=$(or $(KILLS),300) go test -count=1 -timeout 60m -v -run KilledAtRandomMoments ./app/outbox

.PHONY: acts
acts: ## sign one document in at most 3 acts and ACTS=50 in at most 4, in the real window, by keyboard and by mouse
	@.ci/install build run test
	@KYSO_ACTS=$(or $(ACTS),50) go test -tags $(TAGS) -count=1 -timeout 30m -v -run '^TestOneDocumentIsSigned' ./cmd/kyso

.PHONY: start
start: ## from the start of the process to the first painted window, against a bare Fyne window, STARTS=25 times in turn
	@.ci/install build run test
	@KYSO_STARTS=$(or $(STARTS),25) go test -tags $(TAGS) -count=1 -timeout 30m -v -run '^TestTheWindowIsPainted' ./cmd/kyso

.PHONY: frames
frames: ## speed and memory of the real window at scale 1 and 2, FRAMES=40: open, page turn, wheel over 10,000 rows and 1,000 pages, each against its bar
	@.ci/install build run test
	@KYSO_FRAMES=$(or $(FRAMES),40) go test -tags $(TAGS) -count=1 -timeout 60m -v -run '^TestTheWindowKeepsUp' ./cmd/kyso | grep --line-buffered -E '^(frames|---|ok|FAIL|PASS)|_test.go'

.PHONY: soak
soak: ## SOAK=2000 documents opened, signed, sent and counted, as fast as they go, then SOAKWINDOW=300 by the keyboard in the real window: memory stays flat, no goroutine is left
	@.ci/install build run test
	@KYSO_SOAK=$(or $(SOAK),2000) go test -tags $(TAGS) -count=1 -timeout 6h -v -run '^TestLongUseLeaves' ./cmd/kyso
	@KYSO_SOAK_WINDOW=$(or $(SOAKWINDOW),300) go test -tags $(TAGS) -count=1 -timeout 6h -v -run '^TestLongUseOfTheRealWindow' ./cmd/kyso

.PHONY: screens
screens: ## every screen in every state as a picture, light and dark, three sizes, both languages, to build/screens
	@.ci/install build run test
	@rm -rf build/screens && mkdir -p build/screens
	@go test -tags $(TAGS) -timeout 60m -count 1 -run '^TestScreens$$' ./app/gui -screens $(CURDIR)/build/screens
	@ls build/screens | wc -l | sed 's/$$/ pictures in build\/screens/'

.PHONY: conform
conform: ## judge a document system: BASE=URL LOGIN=NAME (asks for the password), or PROGRAM=/path; documents are made there
	@test -n "$(BASE)$(PROGRAM)" || { echo "Which system? make conform BASE=URL LOGIN=NAME, or PROGRAM=/path" >&2; exit 2; }
	@.ci/install build
	@mkdir -p bin
	@go build -tags $(TAGS) -o bin/ ./cmd/kysoctl
	@bin/kysoctl conform $(if $(PROGRAM),--program "$(PROGRAM)",--server "$(BASE)" --login "$(LOGIN)") $(OPTIONS)

.PHONY: fuzz
fuzz: ## every fuzz target in turn, FUZZTIME=15m each; seeds from KYSO_CORPUS when it is set
	@.ci/fuzz $(or $(FUZZTIME),15m)

.PHONY: placement
placement: ## the proposed places of marks, judged: letters made for it, Tesseract's scans, LibreOffice's letters; CORPUS=DIR for other files
	@.ci/install build run placement
	@KYSO_PLACEMENT=1 KYSO_CORPUS="$(abspath $(CORPUS))" nice go test -count=1 -timeout 40m -v -run 'ArePlacedOn|IsPlacedOn|MadeByOthers' ./app/placement

.PHONY: windows
windows: ## for Windows, cross-built and tested under Wine: the token helper, also of 32 bits, the parts that differ there, and the window (minutes)
	@.ci/install build run windows
	@KYSO_FOREIGN=1 go test -count=1 -timeout 20m -v -run 'OnWindows|32Bits' ./signer/token/remote
	@.ci/windows $(WINDOWS:%=./app/%)
	@.ci/windows -skip KilledAtRandomMoments ./app/outbox
	@.ci/windows -run 'Unfinished|LeavesTheRest|NotSignedASecondTime' ./app/signing
	@.ci/windows -run OnWindows ./cmd/kyso

.PHONY: programs
programs: ## the programs, into bin/
	@.ci/install build run
	@echo "Building $(PROGRAMS) (the first time takes a few minutes)"
	@mkdir -p bin
	@go build -tags $(TAGS) -o bin/ $(PROGRAMS:%=./cmd/%)

.PHONY: release
release: ## the programs as they are shipped (desktop OpenGL, stripped), into build/release/
	@.ci/install build
	@mkdir -p build/release
	@go build -tags $(RELEASE_TAGS) -trimpath -ldflags "-s -w" -o build/release/ ./cmd/kyso ./cmd/kyso-token ./cmd/kysoctl
	@CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o build/release/ ./cmd/docserver

.PHONY: lint
lint: .tools/golangci-lint ## the linters, with the fences of .golangci.yml
	@.tools/golangci-lint run ./...

.tools/golangci-lint:
	@echo "Building golangci-lint v2.15.0 into .tools/ (a few minutes, once)"
	@GOBIN=$(CURDIR)/.tools go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: interop
interop: ## pyHanko and EU DSS judge what we sign, we judge what pyHanko signs, at all levels (needs PyPI and Maven Central)
	@.ci/install build run test interop
	@test -x build/interop/bin/python || python3 -m venv build/interop
	@build/interop/bin/pip install --quiet --disable-pip-version-check --requirement cmd/kyso-judge/interop.txt
	@test -d build/dss || mvn --quiet --batch-mode --file cmd/kyso-judge/dss.xml dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/build/dss
	@mkdir -p bin
	@go build -tags $(TAGS) -o bin/ ./cmd/kyso-judge
	@bin/kyso-judge interop --python build/interop/bin/python --dss build/dss

.PHONY: corpus
corpus: ## sign every PDF under CORPUS=DIR and have other programs judge each output; OPTIONS="-sample 150" for some
	@test -n "$(CORPUS)" || { echo "Which files? make corpus CORPUS=DIR" >&2; exit 2; }
	@.ci/install build run test
	@mkdir -p bin
	@go build -tags $(TAGS) -o bin/ ./cmd/kyso-judge ./cmd/kyso-token ./cmd/kyso-provision
	@nice bin/kyso-judge corpus $(OPTIONS) "$(CORPUS)"

.PHONY: bench
bench: ## time and memory of signing against cp and sha256sum, batches against the bare token; a few minutes
	@.ci/install build run test
	@mkdir -p bin build/bench
	@go build -tags $(TAGS) -o bin/ ./cmd/kyso-judge ./cmd/kyso-token ./cmd/kyso-provision
	@p11=$$(go list -m -f '{{.Dir}}' github.com/miekg/pkcs11); \
	gcc -O2 -I"$$p11" -o bin/baresign cmd/kyso-judge/baresign/baresign.c -ldl; \
	gcc -O2 -shared -fPIC -I"$$p11" -o bin/faultp11.so signer/token/tokentest/faultp11/faultp11.c -ldl -lpthread
	@bin/kyso-judge bench -dir build/bench -fault bin/faultp11.so -bare bin/baresign $(OPTIONS)

.PHONY: conformance
conformance: ## veraPDF judges whether PDF/A and PDF/UA files under CORPUS=DIR still conform once signed (needs Maven Central)
	@test -n "$(CORPUS)" || { echo "Which files? make conformance CORPUS=DIR" >&2; exit 2; }
	@.ci/install build run test conformance
	@test -d build/verapdf || mvn --quiet --batch-mode --file cmd/kyso-judge/verapdf.xml dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/build/verapdf
	@mkdir -p bin
	@go build -tags $(TAGS) -o bin/ ./cmd/kyso-judge
	@nice bin/kyso-judge conformance --verapdf build/verapdf "$(CORPUS)"

.PHONY: attacks
attacks: ## judge the attack files and their clean twins under CORPUS=DIR
	@test -n "$(CORPUS)" || { echo "Which files? make attacks CORPUS=DIR" >&2; exit 2; }
	@.ci/install build run test
	@mkdir -p bin
	@go build -tags $(TAGS) -o bin/ ./cmd/kyso-judge
	@bin/kyso-judge attacks "$(CORPUS)"

.PHONY: verify-corpus
verify-corpus: ## judge every signature under CORPUS=DIR and compare with OpenSSL and pdfsig
	@test -n "$(CORPUS)" || { echo "Which files? make verify-corpus CORPUS=DIR" >&2; exit 2; }
	@.ci/install build run test
	@mkdir -p bin
	@go build -tags $(TAGS) -o bin/ ./cmd/kyso-judge
	@nice bin/kyso-judge verify-corpus $(OPTIONS) "$(CORPUS)"

.PHONY: kill
kill: ## kill -9 the document server KILLS=200 times under load, on SQLite and PostgreSQL (minutes)
	@KYSO_KILLS=$(or $(KILLS),200) go test -count=1 -timeout 60m -v -run TestAKilledServer ./cmd/docserver

.PHONY: peak
peak: ## the busiest minutes of a province, PEAK=10m on SQLite and on PostgreSQL, then commits and uploads a second; a quiet machine
	@KYSO_PEAK=$(or $(PEAK),10m) go test -count=1 -timeout 60m -v -run '^TestThePeak' ./cmd/docserver
	@go test -run '^$$' -bench 'Commits|Uploads' -benchtime 10s ./cmd/docserver

.PHONY: judges
judges: build/judges/node_modules .tools/versitygw ## foreign programs judge server and client: tus-js-client, @tus/server, Prism, Redocly, oidc-provider, mod_dav, rclone, versitygw (needs npm)
	@.ci/install build run test
	@KYSO_JUDGES=$(CURDIR)/build/judges go test -count=1 -timeout 20m -v ./app/docsys/judges
	@go test -count=1 -v -run Foreign ./app/docsys/webdav
	@go test -count=1 -v ./app/docsys/refserver/bucket

build/judges/node_modules: app/docsys/judges/package.json app/docsys/judges/package-lock.json
	@command -v npm >/dev/null || { echo "The judges come from npm: install Node.js 20 with npm first" >&2; exit 1; }
	@mkdir -p build/judges && cp app/docsys/judges/package*.json build/judges/
	@npm ci --prefix build/judges --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: s3
s3: .tools/versitygw ## the document server with its files in a real S3 store
	@go test -count=1 ./app/docsys/refserver/bucket

.tools/versitygw:
	@echo "Building versitygw v1.8.0 into .tools/ (minutes, once)"
	@GOBIN=$(CURDIR)/.tools go install github.com/versity/versitygw/cmd/versitygw@v1.8.0

.PHONY: clean
clean: ## everything that was built, the demonstration too
	@rm -rf bin build
