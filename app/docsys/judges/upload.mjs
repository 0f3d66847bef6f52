// Uploads a file with tus-js-client: node upload.mjs ENDPOINT TOKEN FILE SHA256 STOP-AT [UPLOAD-URL]
// It prints the upload's address as soon as it has one, and ends without a word once
// STOP-AT bytes are sent, when that is not 0.
import fs from 'node:fs'
import { createRequire } from 'node:module'

const tus = createRequire(process.env.KYSO_JUDGES + '/')('tus-js-client')
const [endpoint, token, file, sha256, stopAt, uploadUrl] = process.argv.slice(2)
const upload = new tus.Upload(fs.createReadStream(file), {
  endpoint, uploadUrl: uploadUrl || null,
  uploadSize: fs.statSync(file).size,
  headers: { Authorization: 'Bearer ' + token },
  metadata: { sha256, filetype: 'application/pdf' },
  retryDelays: [0, 20, 50, 100, 200, 500, 1000],
  onUploadUrlAvailable: () => console.log(upload.url),
  onProgress: (sent) => { if (Number(stopAt) > 0 && sent >= Number(stopAt)) process.exit(0) },
  onError: (err) => { console.error(String(err)); process.exit(1) },
  onSuccess: () => process.exit(0),
})
upload.start()
