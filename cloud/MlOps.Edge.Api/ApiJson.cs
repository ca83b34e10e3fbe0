using System.Text.Json.Serialization;
using MlOps.Edge.Api.Assets;
using MlOps.Edge.Api.Events;
using MlOps.Edge.Api.Health;
using MlOps.Edge.Api.Lifecycle;
using MlOps.Edge.Api.Registry;
using MlOps.Edge.Api.Rollouts;
using MlOps.Edge.Api.Training;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Fleets;
using MlOps.Edge.Cloud.Lifecycle;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Rollouts;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Api;

/// <summary>Every document of the API. What a room answers is its own view; a response type stands here where REST says it in another shape.</summary>
[JsonSerializable(typeof(DeviceSummary[]))]
[JsonSerializable(typeof(DeviceView))]
[JsonSerializable(typeof(ModelSummary[]))]
[JsonSerializable(typeof(ModelResponse))]
[JsonSerializable(typeof(ModelDefinition))]
[JsonSerializable(typeof(ModelVersionView))]
[JsonSerializable(typeof(LifecycleView))]
[JsonSerializable(typeof(BeginLifecycle))]
[JsonSerializable(typeof(TrainingRunResponse))]
[JsonSerializable(typeof(RolloutView[]))]
[JsonSerializable(typeof(StartRollout))]
[JsonSerializable(typeof(RolloutCommand))]
[JsonSerializable(typeof(DriftStatus))]
[JsonSerializable(typeof(UnitScoreView[]))]
[JsonSerializable(typeof(MaintenanceResponse[]))]
[JsonSerializable(typeof(ReportMaintenance))]
[JsonSerializable(typeof(LogPage))]
[JsonSerializable(typeof(AdvanceClock))]
[JsonSerializable(typeof(ClockResponse))]
[JsonSerializable(typeof(HealthResponse))]
[JsonSerializable(typeof(Microsoft.AspNetCore.Mvc.ProblemDetails))]
internal sealed partial class ApiJson : JsonSerializerContext;
