import { errorChain } from '@sluice/ports'
import { loadCrdConfig } from '../config/crds.ts'
import { loadConfig } from '../config/load-config.ts'
import { during, inFile, isMalformed, KustomizeError, quoting } from '../errors.ts'
import { loadKustomization } from '../kustomization/kustomization.ts'
import type { Kustomization } from '../kustomization/types.ts'
import type { Loader } from '../loading/loader.ts'
import { isRemoteFile, parseRepoUrl } from '../loading/repo-url.ts'
import { readResources } from '../resource/read-resources.ts'
import type { Resource } from '../resource/resource.ts'
import { ResourceList } from '../resource/resource-list.ts'
import type { Transformer } from '../transform/transformer.ts'
import { describeVariable } from '../transform/variables.ts'
import { Accumulator } from './accumulator.ts'
import { type BuiltIn, builtInGenerators, builtInTransformers } from './built-in.ts'
import type { BuildContext } from './context.ts'
import {
  addTransformation,
  builtInOrigin,
  hasOrigin,
  type Origin,
  originBelow,
  pluginOrigin,
  setOrigin,
} from './origin.ts'
import { type Generator, generatorOf, transformerOf } from './plugins.ts'
import { expectUnchanged } from './validators.ts'

/** What a kustomization has from the one that refers to it. */
type Inherited = {
  readonly depth: number
  readonly origin: Origin | undefined
  readonly helmNamespace: string
}

/** One kustomization or component of a build. */
export class Target {
  readonly kustomization: Kustomization
  private readonly fileName: string
  private readonly loader: Loader
  private readonly build: BuildContext
  private readonly inherited: Inherited

  /** @throws {KustomizeError} when the loader's directory has no valid kustomization. */
  constructor(loader: Loader, build: BuildContext, inherited?: Inherited) {
    build.enter(inherited?.depth ?? 0)
    const { name, kustomization, warnings } = loadKustomization(loader)
    this.loader = loader
    this.build = build
    this.fileName = name
    this.kustomization = kustomization
    build.warnings.push(...warnings)
    const tracks = (kustomization.buildMetadata ?? []).length > 0 || build.options.origins
    this.inherited = inherited ?? { depth: 0, origin: tracks ? {} : undefined, helmNamespace: '' }
  }

  /** Chooses the schemas of the build by this kustomization. */
  chooseSchemas(): void {
    this.build.schemas.choose(this.kustomization.openapi, (path) => this.loader.load(path))
  }

  /** Gathers into `accumulator`: an empty one, or, for a component, that of the kustomization that uses it. */
  accumulate(accumulator: Accumulator): Accumulator {
    const { resources, configurations, crds, components, vars } = this.kustomization
    const { loader } = this
    during('accumulating resources', () => this.addResources(accumulator, resources ?? []))
    accumulator.mergeConfig(loadConfig(configurations ?? [], loader))
    accumulator.mergeConfig(loadCrdConfig(crds ?? [], loader))
    this.runGenerators(accumulator)
    const all = during('accumulating components', () => this.addComponents(accumulator, components ?? []))
    this.runTransformers(all)
    this.runValidators(all)
    during(`merging vars [${(vars ?? []).map(describeVariable).join(' ')}]`, () =>
      all.mergeVariables(vars ?? []),
    )
    return all
  }

  private get origin(): Origin | undefined {
    return this.inherited.origin
  }

  private addResources(accumulator: Accumulator, paths: readonly string[]): void {
    for (const path of paths) this.addResource(accumulator, path)
  }

  /** A path is a file of resources or, failing that, another kustomization; if that fails too, both failures are told. */
  private addResource(accumulator: Accumulator, path: string): void {
    const asFile = this.tryFile(accumulator, path)
    if (asFile === undefined) return
    // What has to be fetched as a file is no directory.
    if (isRemoteFile(path) && !parseRepoUrl(path)) throw asFile
    let loader: Loader
    try {
      loader = this.loader.enter(path)
    } catch (cause) {
      // Text that is no YAML is a file for certain.
      if (isMalformed(asFile)) throw asFile
      throw new KustomizeError('BUILD_FAILED', `accumulation err='${errorChain(asFile)}'`, { cause })
    }
    during(`accumulation err='${errorChain(asFile)}'`, () => {
      const sub = this.accumulateDirectory(loader, path)
      during(`recursed merging from path '${loader.place}'`, () => accumulator.absorb(sub))
    })
  }

  /** Why `path` is no file of resources; nothing when it was one. */
  private tryFile(accumulator: Accumulator, path: string): Error | undefined {
    try {
      const list = during(`accumulating resources from '${path}'`, () => this.readFile(path))
      during(`merging resources from '${path}'`, () => accumulator.resources.appendAll(list))
      return undefined
    } catch (error) {
      if (error instanceof Error) return error
      throw error
    }
  }

  private readFile(path: string): ResourceList {
    if (isRemoteFile(path) && parseRepoUrl(path)) {
      throw new KustomizeError('PATH_INVALID', 'URL is a git repository')
    }
    const resources = inFile(path, () => readResources(this.loader.load(path)))
    const { origin } = this
    if (origin) for (const it of resources) setOrigin(it, originBelow(origin, path))
    for (const it of resources) this.build.schemas.sawKind(it.gvk)
    return ResourceList.of(resources)
  }

  private accumulateDirectory(loader: Loader, path: string): Accumulator {
    const target = during(`couldn't make target for path '${loader.place}'`, () =>
      this.subTarget(loader, path),
    )
    if (target.kustomization.kind === 'Component') {
      throw new KustomizeError(
        'KUSTOMIZATION_INVALID',
        `expected kind != 'Component' for path '${loader.place}'`,
      )
    }
    return during(`recursed accumulation of path '${loader.place}'`, () =>
      target.accumulate(new Accumulator()),
    )
  }

  private addComponents(accumulator: Accumulator, paths: readonly string[]): Accumulator {
    let all = accumulator
    for (const path of paths) {
      const loader = quoting('loader.New', () => this.loader.enter(path))
      all = quoting('accumulateDirectory:', () => this.addComponent(all, loader, path))
    }
    return all
  }

  private addComponent(accumulator: Accumulator, loader: Loader, path: string): Accumulator {
    const { place } = loader
    const target = during(`couldn't make target for path '${place}'`, () => this.subTarget(loader, path))
    const { kind } = target.kustomization
    if (kind !== 'Component') {
      throw new KustomizeError(
        'KUSTOMIZATION_INVALID',
        `expected kind 'Component' for path '${place}' but got '${kind}'`,
      )
    }
    const gathered = during(`recursed accumulation of path '${place}'`, () => target.accumulate(accumulator))
    const fresh = new Accumulator()
    during(`recursed merging from path '${place}'`, () => fresh.absorb(gathered))
    return fresh
  }

  private subTarget(loader: Loader, path: string): Target {
    const { depth, origin, helmNamespace } = this.inherited
    const target = new Target(loader, this.build, {
      depth: depth + 1,
      origin: origin && originBelow(origin, path),
      helmNamespace: this.kustomization.namespace || helmNamespace,
    })
    target.chooseSchemas()
    return target
  }

  private runGenerators(accumulator: Accumulator): void {
    const { loader, build } = this
    const context = { loader, build }
    const fromFields = builtInGenerators(this.kustomization, context, this.inherited.helmNamespace).map(
      (it) => ({
        run: it.run,
        origin: this.originOf(it),
      }),
    )
    const fromFiles = during('loading generator plugins', () =>
      this.pluginResources(this.kustomization.generators ?? [], 'generator').map((resource) => ({
        run: during('failed to load generator', () => generatorOf(resource, context)),
        origin: pluginOrigin(resource),
      })),
    )
    for (const { run, origin } of [...fromFields, ...fromFiles]) {
      const generated = run()
      for (const it of generated) if (origin && !hasOrigin(it)) setOrigin(it, origin)
      // Go prints two addresses here.
      const generator = `&{0xc000000000 ${origin ? '0xc000000000' : '<nil>'}}`
      during(`merging from generator ${generator}`, () => accumulator.resources.absorbAll(generated))
    }
  }

  private runTransformers(accumulator: Accumulator): void {
    const { loader, build, kustomization } = this
    const context = { loader, build }
    const fromFields = builtInTransformers(kustomization, accumulator.config, context).map((it) => ({
      run: it.run,
      origin: this.originOf(it),
    }))
    const fromFiles = this.pluginResources(kustomization.transformers ?? [], 'transformer').map(
      (resource) => ({
        run: transformerOf(resource, context),
        origin: pluginOrigin(resource),
      }),
    )
    const { resources } = accumulator
    for (const { run, origin } of [...fromFields, ...fromFiles]) {
      run(resources)
      if (origin) for (const it of resources.all) if (!it.isEmpty) addTransformation(it, origin)
      resources.dropEmpty()
    }
  }

  private runValidators({ resources }: Accumulator): void {
    const context = { loader: this.loader, build: this.build }
    const plugins = this.pluginResources(this.kustomization.validators ?? [], 'transformer')
    for (const validate of plugins.map((it) => transformerOf(it, context))) {
      expectUnchanged(resources, validate)
    }
  }

  /** Resources that configure plugins: each entry is one in line, a file, or a directory. */
  private pluginResources(
    entries: readonly string[],
    role: 'generator' | 'transformer',
  ): readonly Resource[] {
    const accumulator = new Accumulator()
    const paths: string[] = []
    for (const entry of entries) {
      const inline = tryRead(entry)
      if (!inline) {
        paths.push(entry)
        continue
      }
      const { origin } = this
      if (origin) for (const it of inline) setOrigin(it, originBelow(origin, this.fileName))
      during(`configuring external ${role}`, () => {
        for (const it of inline) accumulator.resources.append(it)
      })
    }
    this.addResources(accumulator, paths)
    return accumulator.resources.all
  }

  private originOf({ kind }: BuiltIn<Generator | Transformer>): Origin | undefined {
    const { origin } = this
    return origin && builtInOrigin(origin, this.fileName, kind)
  }
}

function tryRead(text: string): readonly Resource[] | undefined {
  try {
    return readResources(text)
  } catch {
    // Whatever is no resource is a path.
    return undefined
  }
}
