// Serves uploads with @tus/server: node serve.mjs FOLDER. It prints its port.
import { pathToFileURL } from 'node:url'

const from = async (name) => import(pathToFileURL(`${process.env.KYSO_JUDGES}/node_modules/${name}/dist/index.js`).href)
const { Server } = await from('@tus/server')
const { FileStore } = await from('@tus/file-store')
const server = new Server({ path: '/v1/uploads', relativeLocation: true, datastore: new FileStore({ directory: process.argv[2] }) })
const web = server.listen({ host: '127.0.0.1', port: 0 }, () => console.log(web.address().port))
