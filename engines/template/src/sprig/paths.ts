import { cleanPath, type GoFunction, pathBase, pathDir, pathExt } from '@sluice/go'
import { define, type FunctionMap } from '../functions.ts'

/** Sprig's functions of paths; those of the operating system are the same, as on Unix. */
export const pathFunctions: FunctionMap = new Map<string, GoFunction>(
  Object.entries({
    base: pathBase,
    dir: pathDir,
    clean: cleanPath,
    ext: pathExt,
    isAbs: (path: string) => path.startsWith('/'),
  }).flatMap(([name, call]) => {
    const fn = define(['string'], call)
    return [
      [name, fn],
      [`os${name.slice(0, 1).toUpperCase()}${name.slice(1)}`, fn],
    ]
  }),
)
