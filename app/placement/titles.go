package placement

// titles are the words that a line with a signer's title begins with, bare.
//
//nolint:gochecknoglobals // a constant table
var titles = bareAll(
	"Chủ tịch", "Phó Chủ tịch", "Quyền Chủ tịch", "Bí thư", "Phó Bí thư", "Thường trực",
	"Trưởng phòng", "Phó Trưởng phòng", "Trưởng ban", "Phó Trưởng ban", "Trưởng trạm", "Trưởng công an", "Phó Trưởng công an", "Trưởng khoa", "Phó Trưởng khoa",
	"Trưởng đoàn", "Phó Trưởng đoàn", "Trưởng thôn", "Trưởng bộ phận", "Tổ trưởng", "Tổ phó",
	"Giám đốc", "Phó Giám đốc", "Tổng Giám đốc", "Phó Tổng Giám đốc",
	"Chánh Văn phòng", "Phó Chánh Văn phòng", "Phó Văn phòng", "Chánh Thanh tra", "Phó Chánh Thanh tra", "Chánh án", "Phó Chánh án",
	"Hiệu trưởng", "Phó Hiệu trưởng", "Viện trưởng", "Phó Viện trưởng", "Thủ trưởng", "Phó Thủ trưởng",
	"Thủ tướng", "Phó Thủ tướng", "Bộ trưởng", "Thứ trưởng", "Tổng cục trưởng", "Phó Tổng cục trưởng", "Cục trưởng", "Phó Cục trưởng", "Vụ trưởng", "Phó Vụ trưởng",
	"Chi cục trưởng", "Phó Chi cục trưởng", "Đội trưởng", "Phó Đội trưởng", "Hạt trưởng", "Trạm trưởng", "Phó Trạm trưởng",
	"Chỉ huy trưởng", "Phó Chỉ huy trưởng", "Chính trị viên", "Chính ủy", "Tư lệnh", "Tham mưu trưởng", "Chủ nhiệm", "Phó Chủ nhiệm",
	"Kế toán trưởng", "Người ký", "Người lập", "Tổng Thư ký", "Thư ký", "Chủ trì", "Chủ tọa", "Tổng Biên tập", "Phó Tổng Biên tập",
)

// capacities are the signs of the capacity in which somebody signs (NĐ
// 30/2020/NĐ-CP, Article 13), bare: they may stand before a title on one line.
//
//nolint:gochecknoglobals // a constant table
var capacities = []string{"TUQ.", "KT.", "TM.", "TL.", "Q."}

// columnHeads are the heads of columns, bare: a name below one is a row of a
// table and no signer's.
//
//nolint:gochecknoglobals // a constant table
var columnHeads = bareAll("Họ và tên", "Họ tên", "Họ, tên", "Họ và tên/chức vụ", "Chức vụ", "Chức danh", "Ghi chú", "Đơn vị", "STT", "TT", "Nội dung",
	"Cơ quan", "Số điện thoại", "Chữ ký", "Ngày sinh", "Năm sinh", "Nơi công tác", "Đơn vị công tác", "Thành phần", "Danh sách")

// ranks are what stands before a name, bare: military ranks and degrees.
//
//nolint:gochecknoglobals // a constant table
var ranks = bareAll("Đại tướng", "Thượng tướng", "Trung tướng", "Thiếu tướng", "Đại tá", "Thượng tá", "Trung tá", "Thiếu tá",
	"Đại úy", "Thượng úy", "Trung úy", "Thiếu úy", "GS.", "PGS.", "TS.", "ThS.", "TSKH.", "BS.", "BSCKI.", "BSCKII.", "BS.CKI.", "BS.CKII.",
	"CN.", "KS.", "LS.", "DS.", "NSND.", "NSƯT.", "NGƯT.", "Nhà giáo", "Kỹ sư", "Luật sư", "Bác sĩ", "Ông", "Bà", "Đồng chí")

// annexHeads begin a page that belongs to an annex, bare.
//
//nolint:gochecknoglobals // a constant table
var annexHeads = bareAll("Phụ lục", "Biểu mẫu", "Mẫu số", "Biểu số")

// instructions stand under a title and tell how to sign, bare.
//
//nolint:gochecknoglobals // a constant table
var instructions = bareAll("(Ký", "(Chữ ký", "(Họ tên", "(Họ và tên", "(Ghi rõ")

func bareAll(texts ...string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = bare(t)
	}
	return out
}
