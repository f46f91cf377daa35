import { bindingsLibrary } from '../library/extensions/bindings.ts'
import { encodersLibrary } from '../library/extensions/encoders.ts'
import { listsLibrary } from '../library/extensions/lists.ts'
import { mathLibrary } from '../library/extensions/math.ts'
import { optionalLibrary } from '../library/extensions/optional.ts'
import { setsLibrary } from '../library/extensions/sets.ts'
import { stringsLibrary } from '../library/extensions/strings.ts'
import { twoVariableLibrary } from '../library/extensions/two-variables.ts'
import { formatLibrary } from '../library/kubernetes/format.ts'
import { kubernetesListsLibrary } from '../library/kubernetes/lists.ts'
import { netLibrary } from '../library/kubernetes/net.ts'
import { quantityLibrary } from '../library/kubernetes/quantity.ts'
import { regexLibrary } from '../library/kubernetes/regex.ts'
import { semverLibrary } from '../library/kubernetes/semver.ts'
import { urlLibrary } from '../library/kubernetes/url.ts'
import { type Revision, standardLibrary } from '../library/standard/standard.ts'
import { Environment } from './environment.ts'

/** The language alone: functions, macros, no extension, and no comparison of numbers of different types. */
export function plainEnvironment(): Environment {
  return new Environment({ libraries: [standardLibrary({ crossTypeNumerics: false, revision: '0.29' })] })
}

/** The language with every extension that its specification tests. */
export function fullEnvironment(revision: Revision = '0.29'): Environment {
  return new Environment({
    libraries: [
      standardLibrary({ crossTypeNumerics: true, revision }),
      optionalLibrary,
      stringsLibrary('latest'),
      mathLibrary,
      encodersLibrary,
      listsLibrary,
      setsLibrary,
      bindingsLibrary,
      twoVariableLibrary,
    ],
  })
}

/**
 * What Kubernetes gives to expressions in CRDs and policies, with its costs.
 *
 * Source: https://kubernetes.io/docs/reference/using-api/cel/
 */
export function kubernetesEnvironment(): Environment {
  return new Environment({
    libraries: [
      standardLibrary({ crossTypeNumerics: true, revision: '0.29' }),
      urlLibrary,
      regexLibrary,
      optionalLibrary,
      quantityLibrary,
      stringsLibrary(2),
      setsLibrary,
      netLibrary,
      formatLibrary,
      twoVariableLibrary,
      semverLibrary,
      listsLibrary,
      kubernetesListsLibrary,
    ],
    homogeneousLiterals: true,
    validateLiterals: true,
    foldConstants: true,
    presenceTestCosts: false,
    costModel: 'kubernetes',
  })
}

/** What Flux gives to health checks, readiness expressions, filters of receivers and commit statuses. */
export function fluxEnvironment(): Environment {
  return new Environment({
    libraries: [
      standardLibrary({ crossTypeNumerics: true, revision: '0.29' }),
      optionalLibrary,
      stringsLibrary('latest'),
      setsLibrary,
      encodersLibrary,
    ],
    homogeneousLiterals: true,
    foldConstants: true,
    costModel: 'extensions',
  })
}
