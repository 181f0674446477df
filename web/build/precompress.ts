/** Writes `.br` and `.gz` beside every text file of the build; the server picks one by Accept-Encoding. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const TEXT = /\.(js|css|html|svg|json|txt|webmanifest)$/;
const brotli = promisify(brotliCompress);
const deflate = promisify(gzip);

export function precompress(): Plugin {
  let outDir = 'dist';
  return {
    name: 'precompress',
    apply: 'build',
    configResolved(config) {
      outDir = join(config.root, config.build.outDir);
    },
    async closeBundle() {
      const entries = await readdir(outDir, { recursive: true, withFileTypes: true });
      await Promise.all(
        entries
          .filter((entry) => entry.isFile() && TEXT.test(entry.name))
          .map(async (entry) => {
            const path = join(entry.parentPath, entry.name);
            const raw = await readFile(path);
            await writeFile(`${path}.gz`, await deflate(raw, { level: 9 }));
            await writeFile(
              `${path}.br`,
              await brotli(raw, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: raw.length } }),
            );
          }),
      );
    },
  };
}
