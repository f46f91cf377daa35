/**
 * Field managers that the controllers write as. Appliers use two: one for what they apply, one for their own objects.
 *
 * Source: managedFields recorded from Flux 2.9.
 */
export const fieldManagers = {
  sourceController: 'source-controller',
  /** Writes status and finalizers of Kustomizations. */
  kustomizeControllerStatus: 'gotk-kustomize-controller',
  /** Applies what a Kustomization builds. */
  kustomizeControllerApply: 'kustomize-controller',
  helmController: 'helm-controller',
  notificationController: 'notification-controller',
  imageReflectorController: 'image-reflector-controller',
  imageAutomationController: 'image-automation-controller',
  sourceWatcher: 'source-watcher',
  cli: 'flux',
} as const
