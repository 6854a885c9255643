using System.Diagnostics.CodeAnalysis;

namespace SlabGen.Events;

/// <summary>
/// Whether metrics and events are in the program: the MSBuild property <c>SlabGenDiagnostics</c>. If it is false, a
/// trimmer leaves them out.
/// </summary>
internal static class DiagnosticsSwitch
{
    private const string Name = "SlabGen.Diagnostics.IsSupported";

    [FeatureSwitchDefinition(Name)]
    public static bool IsSupported { get; } = !AppContext.TryGetSwitch(Name, out bool isOn) || isOn;

    /// <summary>
    /// Whether they may be made: what the process keeps of them would keep a copy of SlabGen that can be unloaded.
    /// </summary>
    public static bool MayStart => !typeof(DiagnosticsSwitch).Assembly.IsCollectible;
}
