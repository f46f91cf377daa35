import type { Manager } from '@sluice/runtime'
import type { ControllerName } from '../controller-name.ts'
import type { ControllerSettings } from '../settings.ts'
import type { SharedParts } from './parts.ts'

/** Adds the kinds of a controller to a manager. */
export type Compose = (manager: Manager, parts: SharedParts, settings: ControllerSettings) => void

/** A controller's code is loaded when the process is to run it. */
export async function composeOf(name: ControllerName): Promise<Compose> {
  switch (name) {
    case 'source-controller':
      return (await import('./source.ts')).composeSource
    case 'kustomize-controller':
      return (await import('./kustomize.ts')).composeKustomize
    case 'helm-controller':
      return (await import('./helm.ts')).composeHelm
    case 'image-reflector-controller':
      return (await import('./image-reflector.ts')).composeImageReflector
    case 'image-automation-controller':
      return (await import('./image-automation.ts')).composeImageAutomation
    case 'source-watcher':
      return (await import('./source-watcher.ts')).composeSourceWatcher
  }
}
