using System.Collections;
using System.Reflection;
using Microsoft.CodeAnalysis;

namespace SlabGen.Generators.Tests;

/// <summary>Walks what the pipeline's steps hand on, field by field. An object of Roslyn in it would keep a whole old compilation alive.</summary>
internal static class ModelGraph
{
    public static void AssertHoldsNoRoslyn(GeneratorRunResult result)
    {
        HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
        foreach (string name in Steps.Names)
        {
            foreach ((object value, _) in result.TrackedSteps[name].SelectMany(static run => run.Outputs))
            {
                Walk(value, name, seen);
            }
        }
    }

    /// <summary>Walks one object, <paramref name="path"/> saying how it was reached.</summary>
    public static void Walk(object? node, string path, HashSet<object> seen)
    {
        if (node is null || !seen.Add(node))
        {
            return;
        }

        Type type = node.GetType();
        Assert.False(
            type.Assembly.GetName().Name!.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal),
            $"{path} holds a {type}: the model must be text and numbers.");

        if (type.IsPrimitive || type.IsEnum || node is string)
        {
            return;
        }

        if (type.IsArray)
        {
            foreach (object? item in (IEnumerable)node)
            {
                Walk(item, path + "[]", seen);
            }

            return;
        }

        for (Type? level = type; level is not null; level = level.BaseType)
        {
            foreach (FieldInfo field in level.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                Walk(field.GetValue(node), path + "." + field.Name, seen);
            }
        }
    }
}
