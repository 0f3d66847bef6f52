// Command kyso is the desktop program: it reads flags, joins the services to
// the window and turns what stands in the way of a start into three lines.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"time"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"
	base "fyne.io/fyne/v2/theme"

	"kyso/app"
	"kyso/app/explain"
	"kyso/app/gui"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
	"kyso/app/present"
	"kyso/app/settings"
	"kyso/app/tray"
	"kyso/assets"
)

// The program's name in the desktop; FyneApp.toml says the same.
const (
	appID      = "vn.kyso.desktop"
	appName    = "Ký số"
	appVersion = "0.1.0"
	appBuild   = 1
)

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// gcPercent keeps the heap small beside the pictures of pages, most of which are
// garbage soon: a document of 1,000 pages stays under 350 MB.
const gcPercent = 25

// memoryWanted is what the Go side takes, in bytes, where it can: what is free goes
// back to the system, and collections come sooner. The rest is OpenGL's and the code.
const memoryWanted = 128 << 20

// gcAtStart leaves the first picture alone: what is made until then stays anyway.
const gcAtStart = 800

// collect sets how much garbage is left, unless the environment says it.
func collect(percent int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryWanted)
	}
}

func main() {
	runtime.LockOSThread() // the window belongs to the first thread
	collect(gcAtStart)
	os.Exit(run(time.Now(), os.Args[1:], os.Stdin, os.Stderr))
}

// run is the program; began is when it was started.
func run(began time.Time, args []string, in io.Reader, errs io.Writer) int {
	f, err := parse(args, errs)
	if err != nil {
		if errors.Is(err, errHelp) {
			return exitDone
		}
		return exitUsage
	}
	if f.register || f.unregister {
		if err := associate(f.register); err != nil {
			return fail(errs, f.lang, err)
		}
		return exitDone
	}
	var handover *app.Handover
	if f.handover {
		h, err := app.ReadHandover(in)
		if err != nil {
			return fail(errs, f.lang, err)
		}
		handover = &h
	}
	folders, err := settings.FindFolders(dataOf(f, handover))
	if err != nil {
		return fail(errs, f.lang, err)
	}
	only, handed := claim(folders.Data, f.files)
	if handed {
		return exitDone // the program that runs already shows the files
	}
	defer only.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c, release, err := begin(ctx, f, handover)
	if err != nil {
		tellWithoutWindow(explain.For(err, explain.Language(f.lang)))
		return fail(errs, f.lang, err)
	}
	if err := c.open(ctx, f, only, newTrace(f.trace, began, errs), release); err != nil {
		return fail(errs, f.lang, err)
	}
	if c.again {
		only.Close()
		if err := reopen(args[:len(args)-len(f.files)]); err != nil {
			return fail(errs, f.lang, err)
		}
	}
	return exitDone
}

// reopen starts the program once more, with the same options.
func reopen(options []string) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("open the program again: %w", err)
	}
	next := exec.CommandContext(context.Background(), program, options...) //nolint:gosec // this program, called as the person called it
	next.Stdout, next.Stderr = os.Stdout, os.Stderr
	if err := next.Start(); err != nil {
		return fmt.Errorf("open the program again: %w", err)
	}
	return nil
}

// dataOf is the folder that was asked for, empty for the person's own.
func dataOf(f flags, h *app.Handover) string {
	if f.data == "" && h != nil {
		return h.Data
	}
	return f.data
}

// fail tells an error in three lines.
func fail(w io.Writer, lang string, err error) int {
	m := explain.For(err, explain.Language(lang))
	fmt.Fprintln(w, m.Lines())
	if m.Detail != "" {
		fmt.Fprintf(w, "(%s)\n", m.Detail)
	}
	return exitFailed
}

// core is what the program has before there is a window.
type core struct {
	services *app.App
	texts    *words.Words
	app      fyne.App
	theme    theme.Theme
	// close ends the services.
	close func() error
	// again says that the person wants the program opened once more after its end.
	again bool
}

// begin prepares the program while the driver of OpenGL is loaded, which is half of
// a start and needs one processor. The caller releases that driver's hidden window.
func begin(ctx context.Context, f flags, h *app.Handover) (c *core, release func(), err error) {
	prepared := make(chan error, 1)
	go func() {
		var err error
		c, err = prepare(ctx, f, h)
		prepared <- err
	}()
	release, err = preflight(os.Getenv)
	err2 := <-prepared
	if err != nil && err2 == nil {
		err = errors.Join(err, c.close())
	}
	return c, release, errors.Join(err, err2)
}

// prepare starts the services, and reads texts and fonts. It touches nothing that
// belongs to the window's thread.
func prepare(ctx context.Context, f flags, h *app.Handover) (_ *core, err error) {
	services, err := app.Start(ctx, app.Options{
		Data: f.data, Handover: h, Modules: f.modules, OnlyModules: false, Helper: f.helper,
	})
	if err != nil {
		return nil, err
	}
	stopLog := keepLog(services.Folders.Data)
	c := &core{services: services, theme: theme.Of(services.Effective.Appearance, services.Effective.TextSize)}
	c.close = func() error {
		defer stopLog()
		return services.Close()
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
		}
	}()
	if c.texts, err = words.Load(words.Language(first(f.lang, services.Effective.Language))); err != nil {
		return nil, err
	}
	fyneapp.SetMetadata(metadata())
	c.app = fyneapp.NewWithID(appID)
	if err := speakBase(string(c.texts.Language)); err != nil {
		return nil, err
	}
	c.app.Settings().SetTheme(c.theme)
	for _, bold := range []bool{false, true} { // the first use of a font reads it
		fyne.MeasureText(appName, c.theme.Size(base.SizeNameText), fyne.TextStyle{Bold: bold})
	}
	return c, nil
}

// open shows the window, and returns when it is closed and the services are. shown
// is called when the window is there.
func (c *core) open(ctx context.Context, f flags, only *instance, t *trace, shown func()) (err error) {
	defer func() { err = errors.Join(err, c.close()) }()
	services, a := c.services, c.app
	loop := gui.NewLoop(ctx)
	defer loop.Close() // before the services close
	j := newJoin(services, loop, string(c.texts.Language))
	defer j.clipboard.Close()
	var icon tray.Icon
	defer icon.Close()
	given := j.services()
	given.Reopens = !f.handover // which is read once
	desk := present.NewDesktop(given, loop)
	options := gui.Options{
		Words: c.texts, Theme: c.theme, Drag: j.drag(desk), Load: j.load,
		Notify: j.notify(a), Tray: j.tray(&icon), Reopen: func() { c.again = true },
		Painted: func() {
			t.painted()
			j.ready(ctx, desk)
		},
	}
	var painted *frames
	if f.frames {
		painted = &frames{w: t.out, tell: loop.Tell}
		options.Frames = painted
	}
	w := gui.New(a, desk, options)
	if painted != nil {
		painted.reading = w.Reading
	}
	t.uses = f.uses
	t.follow(desk)
	only.serve(ctx, func(paths []string) { loop.Tell(func() { w.Raise(paths) }) })
	w.Show()
	shown()
	collect(gcPercent)
	desk.OpenFiles(f.files)
	a.Run()
	return nil
}

// metadata agrees with FyneApp.toml, which the fyne tool does not find beside
// this package.
func metadata() fyne.AppMetadata {
	return fyne.AppMetadata{
		ID: appID, Name: appName, Version: appVersion, Build: appBuild,
		Icon:       fyne.NewStaticResource("kyso.png", assets.WindowIcon()),
		Migrations: map[string]bool{"fyneDo": true},
	}
}

// first gives the first text that is not empty.
func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
