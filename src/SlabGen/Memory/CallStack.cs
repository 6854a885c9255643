using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace SlabGen.Memory;

/// <summary>The calls that led to the library, as text.</summary>
/// <remarks>
/// The text keeps nothing of the program's code alive, so a load context can still be unloaded, and it can be written
/// when the program is about to end and no code of .NET may run.
/// </remarks>
internal static class CallStack
{
    private const int MostFrames = 12;

    /// <summary>The calls of the calling thread, one to a line, each after a line feed.</summary>
    public static string Capture()
    {
        var text = new StringBuilder();
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

        return text.ToString();
    }

    private static bool IsOwn(DiagnosticMethodInfo method) =>
        method.DeclaringAssemblyName.StartsWith("SlabGen,", StringComparison.Ordinal)
        || method.DeclaringAssemblyName == "SlabGen";
}
