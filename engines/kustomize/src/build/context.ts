import { KustomizeError } from '../errors.ts'
import type { ChartInflater } from '../generate/helm.ts'
import { BuildSchemas } from '../openapi/schemas.ts'
import type { BuildOptions } from './options.ts'

/** Kustomizations that one build may read, counting each time. */
const maxTargets = 10_000
/** Kustomizations that may refer to each other in a row. */
const maxDepth = 200

/** What all kustomizations of one build share. */
export class BuildContext {
  readonly schemas: BuildSchemas = new BuildSchemas()
  readonly warnings: string[] = []
  readonly inflater: ChartInflater | undefined
  readonly options: BuildOptions
  private targets = 0

  constructor(options: BuildOptions) {
    this.options = options
    this.inflater = options.inflater
  }

  /** Counts a kustomization that is begun. @throws {KustomizeError} when there are too many, or too deep. */
  enter(depth: number): void {
    this.targets += 1
    if (this.targets > maxTargets) {
      throw new KustomizeError('LIMIT_EXCEEDED', `more than ${maxTargets} kustomizations are referred to`)
    }
    if (depth > maxDepth) {
      throw new KustomizeError('LIMIT_EXCEEDED', `kustomizations are nested deeper than ${maxDepth}`)
    }
  }
}
