package placementtest

import "math/rand/v2"

// kind is what is special about a letter; of each kind there are several.
type kind struct {
	name string
	set  func(s *spec, d *rand.Rand)
}

//nolint:gochecknoglobals // a constant table
var kinds = []kind{
	{"plain", func(*spec, *rand.Rand) {}},
	{"scattered", func(s *spec, _ *rand.Rand) { s.layer = scattered }},
	{"decomposed", func(s *spec, _ *rand.Rand) { s.layer = decomposed }},
	{"scanned", func(s *spec, d *rand.Rand) { s.layer, s.strips = scanned, d.IntN(3) == 0 }},
	{"scanned askew", func(s *spec, d *rand.Rand) { s.layer, s.skew = scanned, 4*d.Float64()-2 }},
	{"read badly", func(s *spec, d *rand.Rand) { s.layer, s.skew = noisy, 1.6*d.Float64()-0.8 }},
	{"8-bit face", func(s *spec, _ *rand.Rand) { s.layer = coded8 }},
	{"rotated", func(s *spec, d *rand.Rand) { s.rotate = 90 * (1 + d.IntN(3)) }},
	{"rotated scan", func(s *spec, d *rand.Rand) { s.rotate, s.layer, s.skew = 90*(1+d.IntN(3)), scanned, 2*d.Float64()-1 }},
	{"cropped", func(s *spec, d *rand.Rand) {
		s.cropX, s.cropY, s.rotate = 20+20*d.Float64(), 50*d.Float64(), 90*d.IntN(4)
	}},
	{"two signers", func(s *spec, d *rand.Rand) { s.signers, s.who, s.below = signers(d, 0.25, 0.75), d.IntN(2), true }},
	{"two signers, scanned", func(s *spec, d *rand.Rand) {
		s.signers, s.who, s.below, s.layer, s.skew = signers(d, 0.25, 0.75), d.IntN(2), true, scanned, 2*d.Float64()-1
	}},
	{"three signers", func(s *spec, d *rand.Rand) { s.signers, s.who, s.below = signers(d, 1./6, 0.5, 5./6), d.IntN(3), true }},
	{"alike names", func(s *spec, d *rand.Rand) {
		s.signers, s.who, s.below = signers(d, 0.25, 0.75), d.IntN(2), true
		s.signers[0].name, s.signers[1].name = "Nguyễn Văn An", "Nguyễn Văn Ân"
	}},
	{"annex", func(s *spec, d *rand.Rand) { s.annex = 1 + d.IntN(4) }},
	{"annex with names", func(s *spec, d *rand.Rand) { s.annex, s.annexTable = 1+d.IntN(3), true }},
	{"table and logo", func(s *spec, _ *rand.Rand) { s.table, s.logo = true, true }},
	{"spaced title", func(s *spec, _ *rand.Rand) { s.spaced = true }},
	{"small letters", func(s *spec, d *rand.Rand) {
		s.lower, s.signers = true, []signatory{{title: titles[8], name: people[d.IntN(len(people))], place: 0.75, notes: "(Ký, ghi rõ họ tên)"}}
	}},
	{"little room", func(s *spec, d *rand.Rand) { s.gap = 30 + 14*d.Float64() }},
	{"much room", func(s *spec, d *rand.Rand) { s.gap = 110 + 70*d.Float64() }},
	{"rank above", func(s *spec, _ *rand.Rand) { s.signers[0].rank = ranks[len(ranks)-1] }},
	{"no list", func(s *spec, _ *rand.Rand) { s.noList = true }},
	{"long list", func(s *spec, _ *rand.Rand) { s.recipients = 9 }},
	{"own page", func(s *spec, _ *rand.Rand) { s.body = 7 }},
	{"centre", func(s *spec, _ *rand.Rand) { s.signers[0].place, s.below = 0.5, true }},
	{"unknown title", func(s *spec, _ *rand.Rand) { s.signers[0].title = []string{"NGƯỜI LẬP BIỂU"} }},
	{"name in capitals", func(s *spec, _ *rand.Rand) { s.capitals = true }},
	{"line of dots", func(s *spec, _ *rand.Rand) { s.dotted = true }},
	{"framed", func(s *spec, d *rand.Rand) {
		s.signers, s.who, s.below, s.framed = signers(d, 0.25, 0.75), d.IntN(2), true, true
	}},
	{"contract", func(s *spec, d *rand.Rand) {
		s.signers, s.who, s.noList = signers(d, 0.25, 0.75), d.IntN(2), true
		s.signers[0].title, s.signers[1].title = []string{"ĐẠI DIỆN BÊN A", "GIÁM ĐỐC"}, []string{"ĐẠI DIỆN BÊN B", "TỔNG GIÁM ĐỐC"}
	}},
	{"signed by hand, scanned", func(s *spec, _ *rand.Rand) { s.signed, s.layer = true, scanned }},
	{"name in a heading, too", func(s *spec, _ *rand.Rand) { s.award = true }},
	{"name in a heading only", func(s *spec, _ *rand.Rand) { s.award, s.stranger = true, true }},
	{"two letters in one", func(s *spec, _ *rand.Rand) { s.twice = true }},
	{"picture only", func(s *spec, _ *rand.Rand) { s.layer = picture1 }},
	{"somebody else's", func(s *spec, _ *rand.Rand) { s.stranger = true }},
	{"already signed", func(s *spec, _ *rand.Rand) { s.signed = true }},
	{"no name", func(s *spec, _ *rand.Rand) { s.nameless = true }},
	{"name on the next page", func(s *spec, _ *rand.Rand) { s.parted, s.noList = true, true }},
}

// signers draws signers for columns.
func signers(d *rand.Rand, places ...float64) []signatory {
	var out []signatory
	first := d.IntN(len(people))
	for i, p := range places {
		out = append(out, signatory{title: titles[d.IntN(len(titles))], name: people[(first+i*5)%len(people)], place: p})
	}
	return out
}

// draw varies a letter: its kind by its number, the rest by the dice.
func draw(number int, d *rand.Rand) spec {
	s := spec{
		layer: typed, paper: papers[d.IntN(len(papers))], size: []float64{12, 13, 13, 14, 14}[d.IntN(5)], leading: 1.1 + 0.4*d.Float64(),
		stretch: []float64{1, 1, 1, 0.92, 1.08, 0.85}[d.IntN(6)], margins: [4]float64{57 + 14*d.Float64(), 43 + 14*d.Float64(), 57 + 14*d.Float64(), 85 + 14*d.Float64()},
		gap: 48 + 55*d.Float64(), body: 1 + d.IntN(3), recipients: 3 + d.IntN(4), table: d.IntN(6) == 0, logo: d.IntN(8) == 0,
	}
	s.signers = []signatory{{title: titles[d.IntN(len(titles))], name: people[d.IntN(len(people))], rank: ranks[d.IntN(len(ranks))], place: 0.72 + 0.06*d.Float64()}}
	if s.paper.name == "A5" {
		s.size, s.margins = 11, [4]float64{40, 34, 40, 48}
	}
	size := [][2]float64{{141.7, 62.4}, {130, 55}, {141.7, 40}, {95, 62}}[d.IntN(4)]
	s.markW, s.markH = size[0], size[1]
	k := kinds[number%len(kinds)]
	s.kind = k.name
	k.set(&s, d)
	return s
}
