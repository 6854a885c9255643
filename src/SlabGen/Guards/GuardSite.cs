using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace SlabGen.Guards;

/// <summary>Who allocated or freed a guarded object: thread, time and stack, as text.</summary>
/// <remarks>
/// The text is made at once. It keeps nothing of the program's code alive, so a load context can still be unloaded, and
/// it can be written when the program is about to end and no code of .NET may run.
/// </remarks>
internal sealed class GuardSite
{
    private const int MostFrames = 12;

    private GuardSite(string text) => Text = text;

    /// <summary>The thread and the time, and the stack in lines of its own.</summary>
    public string Text { get; }

    /// <summary>The call that is running. The caller holds no lock.</summary>
    public static GuardSite Capture()
    {
        Thread thread = Thread.CurrentThread;
        string name = thread.Name is { Length: > 0 } given ? $" '{given}'" : "";
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"by thread {thread.ManagedThreadId}{name} at {DateTime.UtcNow:O}");
        int frames = 0;
        foreach (StackFrame frame in new StackTrace(fNeedFileInfo: false).GetFrames())
        {
            // Names alone: parameters would take most of the time. The first frames are of this library, and say
            // nothing.
            var method = DiagnosticMethodInfo.Create(frame);
            if (method is null || (frames == 0 && IsOwn(method)))
            {
                continue;
            }

            text.Append(CultureInfo.InvariantCulture, $"\n   at {method.DeclaringTypeName}.{method.Name}");
            if (++frames == MostFrames)
            {
                break;
            }
        }

        return new GuardSite(text.ToString());
    }

    private static bool IsOwn(DiagnosticMethodInfo method) =>
        method.DeclaringAssemblyName.StartsWith("SlabGen,", StringComparison.Ordinal)
        || method.DeclaringAssemblyName == "SlabGen";
}
