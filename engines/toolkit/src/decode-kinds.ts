import { alertDefinition } from './crds/alert.ts'
import { artifactGeneratorDefinition } from './crds/artifact-generator.ts'
import { bucketDefinition } from './crds/bucket.ts'
import { externalArtifactDefinition } from './crds/external-artifact.ts'
import { gitRepositoryDefinition } from './crds/git-repository.ts'
import { helmChartDefinition } from './crds/helm-chart.ts'
import { helmReleaseDefinition } from './crds/helm-release.ts'
import { helmRepositoryDefinition } from './crds/helm-repository.ts'
import { imagePolicyDefinition } from './crds/image-policy.ts'
import { imageRepositoryDefinition } from './crds/image-repository.ts'
import { imageUpdateAutomationDefinition } from './crds/image-update-automation.ts'
import { kustomizationDefinition } from './crds/kustomization.ts'
import { ociRepositoryDefinition } from './crds/oci-repository.ts'
import { providerDefinition } from './crds/provider.ts'
import { receiverDefinition } from './crds/receiver.ts'
import { objectCheck } from './decode.ts'
import type { ArtifactGenerator, ExternalArtifact } from './kinds/artifacts.ts'
import type { Bucket } from './kinds/bucket.ts'
import type { GitRepository } from './kinds/git-repository.ts'
import type { HelmRelease } from './kinds/helm-release.ts'
import type { HelmChart, HelmRepository } from './kinds/helm-sources.ts'
import type { ImagePolicy, ImageRepository, ImageUpdateAutomation } from './kinds/images.ts'
import type { Kustomization } from './kinds/kustomization.ts'
import type { Alert, Provider, Receiver } from './kinds/notifications.ts'
import type { OciRepository } from './kinds/oci-repository.ts'

const checkAlert = objectCheck(alertDefinition)
const checkArtifactGenerator = objectCheck(artifactGeneratorDefinition)
const checkBucket = objectCheck(bucketDefinition)
const checkExternalArtifact = objectCheck(externalArtifactDefinition)
const checkGitRepository = objectCheck(gitRepositoryDefinition)
const checkHelmChart = objectCheck(helmChartDefinition)
const checkHelmRelease = objectCheck(helmReleaseDefinition)
const checkHelmRepository = objectCheck(helmRepositoryDefinition)
const checkImagePolicy = objectCheck(imagePolicyDefinition)
const checkImageRepository = objectCheck(imageRepositoryDefinition)
const checkImageUpdateAutomation = objectCheck(imageUpdateAutomationDefinition)
const checkKustomization = objectCheck(kustomizationDefinition)
const checkOciRepository = objectCheck(ociRepositoryDefinition)
const checkProvider = objectCheck(providerDefinition)
const checkReceiver = objectCheck(receiverDefinition)

/** `value` as an Alert. @throws {DecodeError} when it is not of that shape. */
export function decodeAlert(value: unknown): Alert {
  checkAlert(value)
  return value as Alert
}

/** `value` as an ArtifactGenerator. @throws {DecodeError} when it is not of that shape. */
export function decodeArtifactGenerator(value: unknown): ArtifactGenerator {
  checkArtifactGenerator(value)
  return value as ArtifactGenerator
}

/** `value` as a Bucket. @throws {DecodeError} when it is not of that shape. */
export function decodeBucket(value: unknown): Bucket {
  checkBucket(value)
  return value as Bucket
}

/** `value` as an ExternalArtifact. @throws {DecodeError} when it is not of that shape. */
export function decodeExternalArtifact(value: unknown): ExternalArtifact {
  checkExternalArtifact(value)
  return value as ExternalArtifact
}

/** `value` as a GitRepository. @throws {DecodeError} when it is not of that shape. */
export function decodeGitRepository(value: unknown): GitRepository {
  checkGitRepository(value)
  return value as GitRepository
}

/** `value` as a HelmChart. @throws {DecodeError} when it is not of that shape. */
export function decodeHelmChart(value: unknown): HelmChart {
  checkHelmChart(value)
  return value as HelmChart
}

/** `value` as a HelmRelease. @throws {DecodeError} when it is not of that shape. */
export function decodeHelmRelease(value: unknown): HelmRelease {
  checkHelmRelease(value)
  return value as HelmRelease
}

/** `value` as a HelmRepository. @throws {DecodeError} when it is not of that shape. */
export function decodeHelmRepository(value: unknown): HelmRepository {
  checkHelmRepository(value)
  return value as HelmRepository
}

/** `value` as an ImagePolicy. @throws {DecodeError} when it is not of that shape. */
export function decodeImagePolicy(value: unknown): ImagePolicy {
  checkImagePolicy(value)
  return value as ImagePolicy
}

/** `value` as an ImageRepository. @throws {DecodeError} when it is not of that shape. */
export function decodeImageRepository(value: unknown): ImageRepository {
  checkImageRepository(value)
  return value as ImageRepository
}

/** `value` as an ImageUpdateAutomation. @throws {DecodeError} when it is not of that shape. */
export function decodeImageUpdateAutomation(value: unknown): ImageUpdateAutomation {
  checkImageUpdateAutomation(value)
  return value as ImageUpdateAutomation
}

/** `value` as a Kustomization. @throws {DecodeError} when it is not of that shape. */
export function decodeKustomization(value: unknown): Kustomization {
  checkKustomization(value)
  return value as Kustomization
}

/** `value` as an OCIRepository. @throws {DecodeError} when it is not of that shape. */
export function decodeOciRepository(value: unknown): OciRepository {
  checkOciRepository(value)
  return value as OciRepository
}

/** `value` as a Provider. @throws {DecodeError} when it is not of that shape. */
export function decodeProvider(value: unknown): Provider {
  checkProvider(value)
  return value as Provider
}

/** `value` as a Receiver. @throws {DecodeError} when it is not of that shape. */
export function decodeReceiver(value: unknown): Receiver {
  checkReceiver(value)
  return value as Receiver
}
