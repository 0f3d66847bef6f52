package placementtest

// layer is how a letter's text lies in the file.
type layer string

const (
	typed      layer = "typed"      // a line is a run, as word processors export it
	scattered  layer = "scattered"  // words and parts of words, out of order
	decomposed layer = "decomposed" // letters and tones apart (NFD)
	scanned    layer = "scanned"    // hidden words over a picture, read without faults
	noisy      layer = "noisy"      // hidden words over a picture, read with faults
	coded8     layer = "8-bit"      // faces with codes of TCVN 5712 (.VnTime)
	picture1   layer = "picture"    // a scan without text
)

// paper is a size in points.
type paper struct {
	name string
	w, h float64
}

// signatory is one who signs: the lines above the room and those below it.
type signatory struct {
	title []string
	name  string
	rank  string  // before the name, or above it when it ends a line
	place float64 // centre of the column, as a share of the text's width
	notes string  // "(Ký, ghi rõ họ tên)" under the title
}

// spec is everything that is varied in a letter.
type spec struct {
	kind    string
	layer   layer
	paper   paper
	size    float64 // of the body, points
	leading float64 // of the line, in sizes
	stretch float64 // of the letters
	margins [4]float64
	gap     float64 // free points between title and name
	body    int     // paragraphs
	signers []signatory
	who     int // which of them signs
	// stranger: the signer is not printed on the letter.
	stranger bool
	// nameless: the title is printed and no name.
	nameless   bool
	recipients int
	// below: the list of recipients stands under the signers, not beside them.
	below  bool
	noList bool
	annex  int
	// annexTable: the annex lists people, the signer among them.
	annexTable bool
	table      bool
	logo       bool
	rotate     int
	cropX      float64
	cropY      float64
	skew       float64 // degrees
	signed     bool    // a picture already fills the room
	parted     bool    // the name stands on the page after the title
	spaced     bool    // the title is spaced out: C H Ủ  T Ị C H
	lower      bool    // the title in small letters
	strips     bool    // a scan in strips
	capitals   bool    // the name in capitals
	dotted     bool    // a line of dots to sign on
	framed     bool    // strokes around title, room and name, as in a table
	twice      bool    // a second letter of the same signer follows
	award      bool    // the signer's name stands under a heading in the text
	markW      float64
	markH      float64
}

//nolint:gochecknoglobals // constant tables of words
var (
	papers = []paper{
		{"A4", 595.28, 841.89}, {"A4", 595.28, 841.89}, {"A4", 595.28, 841.89}, {"Letter", 612, 792}, {"A5", 419.53, 595.28}, {"A4 landscape", 841.89, 595.28},
	}
	people = []string{
		"Nguyễn Trọng Hải", "Trần Minh Khôi", "Lê Thị Hoà", "Phạm Quốc Bảo", "Đỗ Ngọc Ánh", "Vũ Đình Ý", "Hoàng Thị Thúy Nga", "Bùi Văn Ẩn",
		"Đặng Thùy Dương", "Võ Nguyên Vỹ", "Nguyễn Hoàng Trọng Bảo Khánh", "Tôn Nữ Thị Ninh", "Lý Ông", "Ngô Đức Uẩn", "Phan Thị Quỳnh Như",
		"Công Tằng Tôn Nữ Hoàng Thị Minh Khai", "Đinh Xuân Đạt", "Hà Huy Quý", "Mai Thị Ước", "Dương Tất Thắng", "H'Hen Niê", "Nguyễn Văn An", "Nguyễn Văn Ân", "Cao Bá Quát",
	}
	titles = [][]string{
		{"CHỦ TỊCH"},
		{"KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"},
		{"TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"},
		{"TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"},
		{"TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"},
		{"TUQ. CHỦ TỊCH", "TRƯỞNG PHÒNG NỘI VỤ"},
		{"TRƯỞNG PHÒNG"},
		{"KT. TRƯỞNG PHÒNG", "PHÓ TRƯỞNG PHÒNG"},
		{"GIÁM ĐỐC"},
		{"KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"},
		{"HIỆU TRƯỞNG"},
		{"Q. TRƯỞNG PHÒNG"},
		{"TRƯỞNG CÔNG AN PHƯỜNG"},
		{"TRƯỞNG BAN"},
		{"TM. BAN THƯỜNG VỤ", "BÍ THƯ"},
		{"KT. BỘ TRƯỞNG", "THỨ TRƯỞNG"},
		{"TL. BỘ TRƯỞNG", "KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"},
		{"CHI CỤC TRƯỞNG"},
		{"TRƯỞNG PHÒNG", "TÀI NGUYÊN VÀ MÔI TRƯỜNG"},
		{"TM. HỘI ĐỒNG NHÂN DÂN", "CHỦ TỊCH"},
		{"PHÓ CHỦ TỊCH THƯỜNG TRỰC"},
		{"TỔ TRƯỞNG TỔ CÔNG TÁC"},
		{"KẾ TOÁN TRƯỞNG"},
		{"TRẠM TRƯỞNG TRẠM Y TẾ"},
		{"VIỆN TRƯỞNG"},
		{"CHỈ HUY TRƯỞNG"},
		{"TỔNG GIÁM ĐỐC"},
		{"CỤC TRƯỞNG"},
		{"CHÁNH THANH TRA"},
		{"ĐỘI TRƯỞNG"},
	}
	ranks     = []string{"", "", "", "", "Thượng tá ", "TS. ", "PGS.TS. ", "Ths. ", "BS.CKII. ", "Thiếu tướng, PGS.TS.\n"}
	sentences = []string{
		"Thực hiện Kế hoạch số 125/KH-UBND ngày 12 tháng 3 năm 2026 của Ủy ban nhân dân thành phố về việc ứng dụng chữ ký số chuyên dùng công vụ trong hoạt động của các cơ quan nhà nước,",
		"Ủy ban nhân dân phường đề nghị các phòng, ban, đơn vị tổ chức rà soát danh sách người có thẩm quyền ký văn bản và báo cáo Chủ tịch Ủy ban nhân dân phường trước ngày 25 hằng tháng.",
		"Giao Trưởng phòng Nội vụ chủ trì, phối hợp với Chánh Văn phòng theo dõi, đôn đốc việc thực hiện; trường hợp có vướng mắc, kịp thời tổng hợp trình Chủ tịch xem xét, quyết định.",
		"Các văn bản điện tử, trừ văn bản mật, phải được ký số cá nhân của người có thẩm quyền và ký số của cơ quan theo quy định tại Nghị định số 30/2020/NĐ-CP.",
		"Tỷ lệ văn bản đi được ký số đạt 99,12 %; còn lại một số đơn vị chưa thực hiện nghiêm, đề nghị Thủ trưởng các đơn vị rút kinh nghiệm.",
		"Đề nghị Giám đốc các đơn vị sự nghiệp, Hiệu trưởng các trường học trên địa bàn phường quán triệt đến toàn thể cán bộ, công chức, viên chức, người lao động",
	}
	lists = []string{
		"Như trên;", "Thường trực Đảng ủy, HĐND phường;", "Chủ tịch, các Phó Chủ tịch UBND phường;", "Ủy ban Mặt trận Tổ quốc phường;", "Các phòng, ban chuyên môn;",
		"Công an phường, Ban Chỉ huy Quân sự phường;", "Trang thông tin điện tử phường;", "Sở Nội vụ (để báo cáo);", "Đồng chí Bí thư Đảng ủy (để báo cáo);",
	}
)
